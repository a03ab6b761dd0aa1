#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LastSampleUnwritten : LayerMutant {
  static constexpr std::string_view name = "last_sample_unwritten";
  static constexpr std::string_view what = "the last sample of the input gradient keeps what the buffer held";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const Matrix<T> before = s.x_bar;
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar.rightCols(1) = before.rightCols(1);
    });
  }
};

}  // namespace backprove::mutants
