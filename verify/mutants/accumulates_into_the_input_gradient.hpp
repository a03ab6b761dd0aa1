#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct AccumulatesIntoTheInputGradient : LayerMutant {
  static constexpr std::string_view name = "accumulates_into_the_input_gradient";
  static constexpr std::string_view what = "the input gradient is added to a buffer that nobody has zeroed";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const Matrix<T> before = s.x_bar;
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) { x_bar += before; });
  }
};

}  // namespace backprove::mutants
