#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormVarianceByMean : LayerMutant {
  static constexpr std::string_view name = "norm_variance_by_mean";
  static constexpr std::string_view what = "the derivative of the variance by the mean is added";
  static constexpr std::string_view report = "pjreddie/darknet#1723";
  static constexpr std::string_view equivalent =
      "the derivative is -2 times the mean of x - mean(x), which is zero; what rounding leaves of it is below the "
      "bound";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 2;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    norm_step(layer, s, [&](const Vector<T>& centred, const Vector<T>& h, const Vector<T>& h_bar, T r) {
      const T along = h.dot(h_bar) / static_cast<T>(layer.n), extra = along * (r * centred.mean());
      return Vector<T>(r * (h_bar.array() - h_bar.mean() - h.array() * along + extra));
    });
  }
};

}  // namespace backprove::mutants
