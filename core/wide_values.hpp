#pragma once

#include "core/engine.hpp"
#include "core/scalars/multiprecision.hpp"

/// The numbers of a high-precision engine's outcome, for those who compute with them.
namespace backprove {

struct WideNumbers {
  std::vector<Wide> numbers;
};

/// Entry i, exactly, whatever scalar it came from.
inline Wide wide_entry(const Values& values, Index i) {
  return values.is_narrow() ? Wide(values.as_double(i)) : values.in_wide()->numbers[static_cast<std::size_t>(i)];
}

}  // namespace backprove
