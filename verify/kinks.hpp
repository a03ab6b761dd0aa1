#pragma once

#include <optional>

#include "core/strategy.hpp"

namespace backprove {

/// How many inputs of layers with a kink, those inside residuals included, lie exactly on it (0) when the network runs
/// in double. The derivative there is one of a set, and differences say nothing of it. Nothing if no layer has a kink.
std::optional<Index> inputs_on_kinks(const Problem<double>& problem);

}  // namespace backprove
