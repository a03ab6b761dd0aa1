#pragma once

#include "verify/rules/function.hpp"
#include "verify/stage/judgement.hpp"

namespace backprove {

/// One case of the rule suite in T: a function with a gradient that is right or wrong.
template <class T>
struct RuleCase {
  std::string name, what;
  bool right;
  ClaimedFunction<T> function;
  /// This project's own judgement of the same.
  std::function<std::vector<TensorJudgement>()> ours;
};

/// The common set: at least 20 right cases and 14 wrong ones.
template <class T>
std::vector<RuleCase<T>> rule_cases();

extern template std::vector<RuleCase<float>> rule_cases<float>();
extern template std::vector<RuleCase<double>> rule_cases<double>();

}  // namespace backprove
