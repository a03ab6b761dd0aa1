#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct GeluTailCancels : LayerMutant {
  static constexpr std::string_view name = "gelu_tail_cancels";
  static constexpr std::string_view what =
      "the slope takes Phi(x) as (1 + erf(x/sqrt 2))/2, which has lost its digits for x << 0";
  static constexpr std::string_view report = "pytorch/pytorch#187806";
  template <class L>
  static constexpr bool applies = std::same_as<L, Gelu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T) {
      const T distribution = (T(1) + std::erf(x / math::Constants<T>::sqrt2())) / T(2);
      const T density = std::exp(-(x * x) / T(2)) / std::sqrt(T(2) * math::Constants<T>::pi());
      return distribution + x * density;
    });
  }
};

}  // namespace backprove::mutants
