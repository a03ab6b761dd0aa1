#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct ParametersWrongWithoutInputGradient : LayerMutant {
  static constexpr std::string_view name = "parameters_wrong_without_input_gradient";
  static constexpr std::string_view what = "parameter gradients are garbage when the input gradient is not asked for";
  static constexpr std::string_view report = "pytorch/pytorch#183825";
  template <class L>
  static constexpr bool applies = HasParameters<L>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>& theta_bar) {
      if (x_bar.size() == 0) theta_bar *= T(3);
    });
  }
};

}  // namespace backprove::mutants
