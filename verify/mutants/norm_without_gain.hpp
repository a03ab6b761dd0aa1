#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormWithoutGain : LayerMutant {
  static constexpr std::string_view name = "norm_without_gain";
  static constexpr std::string_view what = "the gain is left out of the input gradient";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 2;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    norm_step(layer, s, [&](const Vector<T>&, const Vector<T>& h, const Vector<T>& h_bar, T r) {
      const Vector<T> g = h_bar.cwiseQuotient(Vector<T>(s.p.theta.head(layer.n)));
      return Vector<T>(r * (g.array() - g.mean() - h.array() * (h.dot(g) / static_cast<T>(layer.n))));
    });
  }
};

}  // namespace backprove::mutants
