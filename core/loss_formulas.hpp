#pragma once

#include <string_view>

#include "core/math.hpp"  // for the losses
#include "core/types.hpp"

namespace backprove {

/// What a target column holds: one number an output, one probability an output, or one class index.
enum class Targets { values, probabilities, classes };

inline Index class_index(const double* y) { return static_cast<Index>(*y); }

}  // namespace backprove
