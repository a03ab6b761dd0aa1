#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct InfiniteForZeroCotangents : LayerMutant {
  static constexpr std::string_view name = "infinite_for_zero_cotangents";
  static constexpr std::string_view what = "a division by the cotangent gives NaN where it is zero";
  static constexpr std::string_view hint = "not finite";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    Matrix<T> y_bar = s.y_bar;
    y_bar(0, 0) = std::numeric_limits<T>::quiet_NaN();
    step_with_cotangent<T>(layer, s, y_bar);
  }
};

}  // namespace backprove::mutants
