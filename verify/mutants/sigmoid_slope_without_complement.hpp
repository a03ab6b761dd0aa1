#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SigmoidSlopeWithoutComplement : LayerMutant {
  static constexpr std::string_view name = "sigmoid_slope_without_complement";
  static constexpr std::string_view what = "the slope is y in place of y (1 - y)";
  template <class L>
  static constexpr bool applies = std::same_as<L, Sigmoid>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T, T y) { return y; });
  }
};

}  // namespace backprove::mutants
