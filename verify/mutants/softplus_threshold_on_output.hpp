#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SoftplusThresholdOnOutput : LayerMutant {
  static constexpr std::string_view name = "softplus_threshold_on_output";
  static constexpr std::string_view what = "beyond an output of 2 the slope is taken as 1";
  static constexpr std::string_view report = "pytorch/pytorch#55587";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softplus>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T y) { return y > T(2) ? T(1) : math::sigmoid(x); });
  }
};

}  // namespace backprove::mutants
