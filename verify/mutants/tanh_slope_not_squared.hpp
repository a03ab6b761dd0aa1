#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct TanhSlopeNotSquared : LayerMutant {
  static constexpr std::string_view name = "tanh_slope_not_squared";
  static constexpr std::string_view what = "the slope is 1 - |y| in place of 1 - y^2";
  template <class L>
  static constexpr bool applies = std::same_as<L, Tanh>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T, T y) { return T(1) - std::abs(y); });
  }
};

}  // namespace backprove::mutants
