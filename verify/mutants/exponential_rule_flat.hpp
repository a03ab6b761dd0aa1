#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ExponentialRuleFlat : DualRuleMutant<ExponentialRuleFlat> {
  static constexpr std::string_view name = "exponential_rule_flat";
  static constexpr std::string_view what = "dual numbers: the exponential passes its tangent on without its slope";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax> || std::same_as<L, LogSoftmax>;

  template <class D>
  static D exponential(const D& x) {
    D right = exp(x);
    right.tangent[0] = x.tangent[0];
    return right;
  }
};

}  // namespace backprove::mutants
