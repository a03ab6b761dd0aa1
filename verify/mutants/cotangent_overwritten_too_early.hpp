#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct CotangentOverwrittenTooEarly : LayerMutant {
  static constexpr std::string_view name = "cotangent_overwritten_too_early";
  static constexpr std::string_view what =
      "the parameter gradient is taken after the input gradient has overwritten the cotangent";
  static constexpr std::string_view report = "pytorch/pytorch#190717";
  template <class L>
  static constexpr bool applies = HasParameters<L>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() == layer.outputs();
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>& theta_bar) {
      if (x_bar.size() == 0) return;
      Matrix<T> unused(x_bar.rows(), x_bar.cols());
      theta_bar.setZero();
      layer.vjp(s.p, view(std::as_const(x_bar)), view(unused), view(theta_bar));
    });
  }
};

}  // namespace backprove::mutants
