#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormWithoutEpsilon : LayerMutant {
  static constexpr std::string_view name = "norm_without_epsilon";
  static constexpr std::string_view what =
      "the backward step divides by the deviation without the small constant under the root";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    norm_step<T>(layer, s, [](const Vector<T>& centred, const Vector<T>&, const Vector<T>& h_bar, T) {
      const T r = T(1) / std::sqrt(centred.squaredNorm() / static_cast<T>(centred.size()));
      const Vector<T> h = r * centred;
      return Vector<T>(r * (h_bar.array() - h_bar.mean() - h.array() * h.dot(h_bar) / static_cast<T>(h.size())));
    });
  }
};

}  // namespace backprove::mutants
