#pragma once

#include "verify/cell_check.hpp"

namespace backprove {

/// Rows about the stages of reverse_vjp in the precision under test: every tensor of every stage against the exact
/// result from the same inputs, and every kind of layer on the adversary's sizes. Empty for scalars other than float
/// and double, and for sweeps without reverse_vjp.
std::vector<Row> stage_rows(const CellGroup& group);

}  // namespace backprove
