#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct Doubled : LayerMutant {
  static constexpr std::string_view name = "doubled";
  static constexpr std::string_view what = "the cotangent is counted twice";
  static constexpr std::string_view report = "apache/mxnet#17989";
  static constexpr std::string_view hint = "times 2";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    step_with_cotangent<T>(layer, s, T(2) * s.y_bar);
  }
};

}  // namespace backprove::mutants
