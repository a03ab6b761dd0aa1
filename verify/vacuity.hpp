#pragma once

#include <string>
#include <vector>

#include "core/strategy.hpp"

namespace backprove {

/// Why some errors could not show at this point whatever is compared, and how to choose a better one; empty if there is
/// no such reason. (How checkers were fooled: one sample, symmetric weights, a cotangent of equal numbers, equal
/// samples, a branch that is never taken.)
std::vector<std::string> vacuous_conditions(const Problem<double>& problem);

}  // namespace backprove
