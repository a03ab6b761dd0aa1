#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct QuotientRuleWithoutDenominator : DualRuleMutant<QuotientRuleWithoutDenominator> {
  static constexpr std::string_view name = "quotient_rule_without_denominator";
  static constexpr std::string_view what = "dual numbers: the derivative of a/b is a'/b, as if b were constant";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax> || std::same_as<L, LayerNorm>;

  template <class D>
  static D quotient(const D& a, const D& b) {
    D right = a / b;
    right.tangent[0] = a.tangent[0] / b.value;
    return right;
  }
};

}  // namespace backprove::mutants
