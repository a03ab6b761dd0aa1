#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SiluWithoutProductRule : LayerMutant {
  static constexpr std::string_view name = "silu_without_product_rule";
  static constexpr std::string_view what = "the slope is the sigmoid alone, without x times its slope";
  template <class L>
  static constexpr bool applies = std::same_as<L, Silu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T) { return math::sigmoid(x); });
  }
};

}  // namespace backprove::mutants
