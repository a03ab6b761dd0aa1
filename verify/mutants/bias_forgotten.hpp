#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct BiasForgotten : LayerMutant {
  static constexpr std::string_view name = "bias_forgotten";
  static constexpr std::string_view what = "the bias gradient is not written";
  static constexpr std::string_view hint = "zero";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar.tail(layer.n_out).setZero(); });
  }
};

}  // namespace backprove::mutants
