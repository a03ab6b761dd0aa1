#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LowPrecisionCotangent : LayerMutant {
  static constexpr std::string_view name = "low_precision_cotangent";
  static constexpr std::string_view what = "the cotangent is rounded to half of the digits on its way";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    Matrix<T> y_bar = s.y_bar;
    for (Index i = 0; i < y_bar.size(); ++i) {
      // Veltkamp's splitting: keeps 12 of float's 24 bits, 26 of double's 53.
      const T scaled = y_bar.data()[i] * static_cast<T>(sizeof(T) == 4 ? 0x1p12 + 1 : 0x1p27 + 1);
      const T rest = scaled - y_bar.data()[i];
      y_bar.data()[i] = scaled - rest;
    }
    step_with_cotangent<T>(layer, s, y_bar);
  }
};

}  // namespace backprove::mutants
