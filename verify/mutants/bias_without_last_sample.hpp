#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct BiasWithoutLastSample : LayerMutant {
  static constexpr std::string_view name = "bias_without_last_sample";
  static constexpr std::string_view what = "the sum of the bias gradient stops one sample early";
  static constexpr std::string_view hint = "missing from the sum";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.n_out > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s,
                [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar.tail(layer.n_out) -= s.y_bar.col(s.samples() - 1); });
  }
};

}  // namespace backprove::mutants
