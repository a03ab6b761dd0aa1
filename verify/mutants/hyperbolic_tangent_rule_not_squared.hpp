#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct HyperbolicTangentRuleNotSquared : DualRuleMutant<HyperbolicTangentRuleNotSquared> {
  static constexpr std::string_view name = "hyperbolic_tangent_rule_not_squared";
  static constexpr std::string_view what = "dual numbers: the slope of tanh is taken as 1 - |y| in place of 1 - y^2";
  template <class L>
  static constexpr bool applies = std::same_as<L, Tanh>;

  template <class D>
  static D hyperbolic_tangent(const D& x) {
    D right = tanh(x);
    right.tangent[0] = (decltype(D::value)(1) - std::abs(right.value)) * x.tangent[0];
    return right;
  }
};

}  // namespace backprove::mutants
