#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SamplesShifted : LayerMutant {
  static constexpr std::string_view name = "samples_shifted";
  static constexpr std::string_view what = "every sample gets the next one's cotangent";
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    Matrix<T> y_bar(s.y_bar.rows(), s.y_bar.cols());
    for (Index j = 0; j < y_bar.cols(); ++j) y_bar.col(j) = s.y_bar.col((j + 1) % y_bar.cols());
    step_with_cotangent<T>(layer, s, y_bar);
  }
};

}  // namespace backprove::mutants
