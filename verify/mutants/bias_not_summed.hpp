#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct BiasNotSummed : LayerMutant {
  static constexpr std::string_view name = "bias_not_summed";
  static constexpr std::string_view what = "the bias gradient is the first sample's, not the sum over the batch";
  static constexpr std::string_view report = "apache/tvm#2465";
  static constexpr std::string_view hint = "sum missing";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.n_out > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar.tail(layer.n_out) = s.y_bar.col(0); });
  }
};

}  // namespace backprove::mutants
