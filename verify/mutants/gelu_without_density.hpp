#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct GeluWithoutDensity : LayerMutant {
  static constexpr std::string_view name = "gelu_without_density";
  static constexpr std::string_view what = "the slope is Phi(x) alone, without x phi(x)";
  template <class L>
  static constexpr bool applies = std::same_as<L, Gelu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T) { return T(0.5) * std::erfc(-x / std::sqrt(T(2))); });
  }
};

}  // namespace backprove::mutants
