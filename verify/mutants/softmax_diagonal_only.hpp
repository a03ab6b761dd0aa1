#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SoftmaxDiagonalOnly : LayerMutant {
  static constexpr std::string_view name = "softmax_diagonal_only";
  static constexpr std::string_view what = "the off-diagonal terms of the Jacobian are dropped";
  static constexpr std::string_view report = "deeplearning4j/libnd4j#440";
  static constexpr std::string_view hint = "off-diagonal";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar = s.p.y.array() * (T(1) - s.p.y.array()) * s.y_bar.array();
    });
  }
};

}  // namespace backprove::mutants
