#pragma once

#include "verify/stage/judgement.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// Every stage of a recorded sweep against the exact result from the same inputs (judge.hpp), the loss's first.
/// Instantiated for float and double.
template <class T>
std::vector<TensorJudgement> judge_stages(const Problem<T>& problem, const SweepRecord<T>& record, bool input_gradient);

extern template std::vector<TensorJudgement> judge_stages(const Problem<float>&, const SweepRecord<float>&, bool);
extern template std::vector<TensorJudgement> judge_stages(const Problem<double>&, const SweepRecord<double>&, bool);

}  // namespace backprove
