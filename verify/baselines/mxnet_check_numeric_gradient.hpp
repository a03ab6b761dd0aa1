#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// A projection with weights in [0.1, 1.1) against central differences with half steps.
struct MxnetCheckNumericGradient {
  static constexpr std::string_view name = "mxnet_check_numeric_gradient";
  static constexpr std::string_view source =
      "mxnet.test_utils.check_numeric_gradient: numeric_eps 1e-3, rtol 1e-2, atol 1e-20";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(15);
    const Projected<T> scalar{f, random.uniform(f.outputs, 0.1, 1.1)};
    const Vector<T> claimed = scalar.gradient();
    for (Index k = 0; k < f.x.size(); ++k)
      if (!close(claimed(k), scalar.central(k, T(0.5e-3)), 1e-20, 1e-2)) return false;
    return true;
  }
};

}  // namespace backprove::baselines
