#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SecondUseForgotten : LayerMutant {
  static constexpr std::string_view name = "second_use_forgotten";
  static constexpr std::string_view what = "the parameter gradient of a batch's second half is lost";
  template <class L>
  static constexpr bool applies = HasParameters<L>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const Index half = s.samples() / 2;
    Matrix<T> y_bar = s.y_bar, unused = s.y_bar;
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) {
      y_bar.rightCols(s.samples() - half).setZero();
      Matrix<T> x_bar(s.x_bar.rows(), s.x_bar.cols());
      theta_bar.setZero();
      layer.vjp(s.p, view(std::as_const(y_bar)), view(x_bar), view(theta_bar));
    });
  }
};

}  // namespace backprove::mutants
