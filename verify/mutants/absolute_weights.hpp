#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct AbsoluteWeights : LayerMutant {
  static constexpr std::string_view name = "absolute_weights";
  static constexpr std::string_view what = "the input gradient takes the weights' magnitudes";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar = In<T>(s.p.theta.data(), layer.n_in, layer.n_out).cwiseAbs() * s.y_bar;
    });
  }
};

}  // namespace backprove::mutants
