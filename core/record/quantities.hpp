#pragma once

#include <span>
#include <string_view>

namespace backprove {

/// One measurable quantity. A block is the gradient with respect to the parameters of one layer, or to the inputs.
struct Quantity {
  std::string_view name;
  /// "1" for a pure number; else what one unit is: "digit", "ulp", "operation", "byte", "s".
  std::string_view unit;
  std::string_view meaning;
  /// Equal cells give equal values. Times are not; they never share a row with anything that is.
  bool reproducible;
};

/// All quantities that a row may hold; this table, in quantities.cpp, is where they are documented.
std::span<const Quantity> quantities();

/// Errors: std::invalid_argument listing the names.
const Quantity& quantity_named(std::string_view name);

}  // namespace backprove
