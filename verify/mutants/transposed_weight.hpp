#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct TransposedWeight : LayerMutant {
  static constexpr std::string_view name = "transposed_weight";
  static constexpr std::string_view what = "the input gradient is multiplied by the weight's transpose";
  static constexpr std::string_view hint = "transposed";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n_in == layer.n_out && layer.n_in > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar = In<T>(s.p.theta.data(), layer.n_in, layer.n_out).transpose() * s.y_bar;
    });
  }
};

}  // namespace backprove::mutants
