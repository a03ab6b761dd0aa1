#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormStatisticsConstant : LayerMutant {
  static constexpr std::string_view name = "norm_statistics_constant";
  static constexpr std::string_view what = "mean and variance are treated as constants";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 2;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    norm_step(layer, s,
              [&](const Vector<T>&, const Vector<T>&, const Vector<T>& h_bar, T r) { return Vector<T>(r * h_bar); });
  }
};

}  // namespace backprove::mutants
