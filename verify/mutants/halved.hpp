#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct Halved : LayerMutant {
  static constexpr std::string_view name = "halved";
  static constexpr std::string_view what = "half of the cotangent is lost";
  static constexpr std::string_view hint = "times 1/2";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    step_with_cotangent<T>(layer, s, s.y_bar / T(2));
  }
};

}  // namespace backprove::mutants
