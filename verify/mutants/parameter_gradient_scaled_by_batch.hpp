#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct ParameterGradientScaledByBatch : LayerMutant {
  static constexpr std::string_view name = "parameter_gradient_scaled_by_batch";
  static constexpr std::string_view what = "the parameter gradient is divided by the batch size once more";
  static constexpr std::string_view hint = "1/batch size";
  template <class L>
  static constexpr bool applies = HasParameters<L>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar /= static_cast<T>(s.samples()); });
  }
};

}  // namespace backprove::mutants
