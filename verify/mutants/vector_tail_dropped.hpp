#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct VectorTailDropped : LayerMutant {
  static constexpr std::string_view name = "vector_tail_dropped";
  static constexpr std::string_view what = "the rows after the last full vector of four are left at zero";
  static constexpr std::string_view hint = "row";
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() % 4 != 0;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar.bottomRows(layer.inputs() % 4).setZero();
    });
  }
};

}  // namespace backprove::mutants
