#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct OneInputTakenAsConstant : LayerMutant {
  static constexpr std::string_view name = "one_input_taken_as_constant";
  static constexpr std::string_view what = "no gradient reaches the first input";
  static constexpr std::string_view hint = "row 0";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar.topRows(1).setZero();
    });
  }
};

}  // namespace backprove::mutants
