#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct RowsReversed : LayerMutant {
  static constexpr std::string_view name = "rows_reversed";
  static constexpr std::string_view what = "the input gradient comes in reverse order";
  static constexpr std::string_view hint = "permuted";
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      const Matrix<T> copy = x_bar;
      x_bar = copy.colwise().reverse();
    });
  }
};

}  // namespace backprove::mutants
