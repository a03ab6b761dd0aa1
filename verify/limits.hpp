#pragma once

#include <string>

#include "core/strategy.hpp"

namespace backprove {

/// What a run may cost; a cell beyond is a row that says so, before anything is allocated.
struct Limits {
  double bytes = 4.0 * 1024 * 1024 * 1024;
  double multiplications = 1e12;
};

/// Predicted memory in bytes, for a working scalar of the given size.
double bytes_of(const Cost& cost, std::size_t bytes_a_scalar);

/// Empty, or "needs X, the limit is Y".
std::string beyond(const Limits& limits, const Cost& cost, std::size_t bytes_a_scalar);

}  // namespace backprove
