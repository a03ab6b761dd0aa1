#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SigmoidSlopeFromASaturatedValue : LayerMutant {
  static constexpr std::string_view name = "sigmoid_slope_from_a_saturated_value";
  static constexpr std::string_view what = "the slope y (1 - y) has lost its digits for x >> 0";
  template <class L>
  static constexpr bool applies = std::same_as<L, Sigmoid>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T, T y) { return y * (T(1) - y); });
  }
};

}  // namespace backprove::mutants
