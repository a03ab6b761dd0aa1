#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SlopeAtTheOutput : LayerMutant {
  static constexpr std::string_view name = "slope_at_the_output";
  static constexpr std::string_view what = "the slope is taken at the output in place of the input";
  static constexpr std::string_view report = "jax-ml/jax#2107";
  template <class L>
  static constexpr bool applies =
      ElementwiseLayer<L> && !std::same_as<L, Identity> && !std::same_as<L, Relu> && !std::same_as<L, LeakyRelu>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const At<T> wrong{s.p.theta, s.p.y, s.p.y, s.p.workspace};
    Matrix<T> y(s.p.y.rows(), s.p.y.cols());
    layer.value(wrong, view(y));
    layer.vjp({s.p.theta, s.p.y, view(std::as_const(y)), s.p.workspace}, s.y_bar, s.x_bar, s.theta_bar);
  }
};

}  // namespace backprove::mutants
