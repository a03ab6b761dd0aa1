#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormUnbiasedVariance : LayerMutant {
  static constexpr std::string_view name = "norm_unbiased_variance";
  static constexpr std::string_view what = "the backward step divides by n - 1, the forward by n";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 2;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    norm_step(layer, s, [&](const Vector<T>& centred, const Vector<T>& h, const Vector<T>& h_bar, T) {
      const T u = T(1) / std::sqrt(centred.squaredNorm() / static_cast<T>(layer.n - 1) + T(1e-5));
      return Vector<T>(u * (h_bar.array() - h_bar.mean() - h.array() * (h.dot(h_bar) / static_cast<T>(layer.n))));
    });
  }
};

}  // namespace backprove::mutants
