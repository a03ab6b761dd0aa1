#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SoftmaxOffDiagonalSign : LayerMutant {
  static constexpr std::string_view name = "softmax_off_diagonal_sign";
  static constexpr std::string_view what = "the off-diagonal terms have the wrong sign";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      for (Index j = 0; j < x_bar.cols(); ++j)
        x_bar.col(j) = s.p.y.col(j).cwiseProduct(s.y_bar.col(j)) + s.p.y.col(j) * s.p.y.col(j).dot(s.y_bar.col(j));
    });
  }
};

}  // namespace backprove::mutants
