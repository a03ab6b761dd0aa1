#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormGainAndShiftSwapped : LayerMutant {
  static constexpr std::string_view name = "norm_gain_and_shift_swapped";
  static constexpr std::string_view what = "the gradients of gain and shift are exchanged";
  static constexpr std::string_view report = "Oneflow-Inc/oneflow#6149";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) {
      const Vector<T> gain = theta_bar.head(layer.n);
      theta_bar.head(layer.n) = theta_bar.tail(layer.n).eval();
      theta_bar.tail(layer.n) = gain;
    });
  }
};

}  // namespace backprove::mutants
