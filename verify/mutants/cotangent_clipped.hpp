#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct CotangentClipped : LayerMutant {
  static constexpr std::string_view name = "cotangent_clipped";
  static constexpr std::string_view what = "the cotangent is clipped to a thousandth of its largest entry";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const T most = s.y_bar.cwiseAbs().maxCoeff() / T(1000);
    step_with_cotangent<T>(layer, s, s.y_bar.cwiseMin(most).cwiseMax(-most));
  }
};

}  // namespace backprove::mutants
