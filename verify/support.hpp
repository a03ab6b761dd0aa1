#pragma once

#include <string>
#include <vector>

#include "core/engine.hpp"

namespace backprove {

/// One cell of the strategy x layer x scalar table.
struct Support {
  std::string_view strategy, layer, scalar;
  std::string reason;  ///< empty if supported
};

/// The whole table, from small networks that hold each layer, with squared error.
std::vector<Support> support();

/// The table as text, and the reasons.
std::string support_table();

/// Names of the formulas in a mask.
std::string formulas(unsigned mask);

}  // namespace backprove
