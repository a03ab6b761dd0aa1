#pragma once

#include "verify/problem.hpp"

namespace backprove {

/// Random problems for false alarms: depth 1-16, widths 1-128, batch 1-64, every layer and every loss, both reductions,
/// several initialisations. The same for the same seed.
std::vector<ProblemSpec> random_problems(Index count, std::uint64_t seed, Precision precision);

}  // namespace backprove
