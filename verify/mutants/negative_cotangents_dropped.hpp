#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NegativeCotangentsDropped : LayerMutant {
  static constexpr std::string_view name = "negative_cotangents_dropped";
  static constexpr std::string_view what = "cotangents below zero are clamped";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    step_with_cotangent<T>(layer, s, s.y_bar.cwiseMax(T(0)));
  }
};

}  // namespace backprove::mutants
