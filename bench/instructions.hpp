#pragma once

#include "bench/block.hpp"

namespace backprove {

/// A row `instructions` for each strategy of the block (`loss` stands for the loss alone): what valgrind's callgrind
/// counts in one call on one thread, after a call that is not counted. Valgrind has no AVX-512, so that another kernel
/// may run; the row's cell names it. Where it cannot be counted (valgrind is not there or fails, long double, which it
/// rounds to double, or more than 10^9 predicted multiplications) the row has the reason.
std::vector<Row> count_instructions(const BenchBlock& block, const std::vector<const StrategyInfo*>& strategies);

}  // namespace backprove
