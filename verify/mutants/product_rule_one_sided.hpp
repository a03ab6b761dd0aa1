#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ProductRuleOneSided : DualRuleMutant<ProductRuleOneSided> {
  static constexpr std::string_view name = "product_rule_one_sided";
  static constexpr std::string_view what = "dual numbers: the derivative of a b is a b', without a' b";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine> || std::same_as<L, LayerNorm> || std::same_as<L, Gelu> ||
                                  std::same_as<L, GeluTanh> || std::same_as<L, Silu>;

  template <class D>
  static D product(const D& a, const D& b) {
    D right = a * b;
    right.tangent[0] = a.value * b.tangent[0];
    return right;
  }
};

}  // namespace backprove::mutants
