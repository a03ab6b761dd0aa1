#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct TransposedWeightGradient : LayerMutant {
  static constexpr std::string_view name = "transposed_weight_gradient";
  static constexpr std::string_view what = "the weight gradient is stored with rows and columns exchanged";
  static constexpr std::string_view hint = "transposed";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n_in > 1 && layer.n_out > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) {
      const Matrix<T> weight = Out<T>(theta_bar.data(), layer.n_in, layer.n_out);
      Out<T>(theta_bar.data(), layer.n_out, layer.n_in) = weight.transpose();
    });
  }
};

}  // namespace backprove::mutants
