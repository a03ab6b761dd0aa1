#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// The gradient of a scalar function (a random projection here) against a difference of sixth order, absolutely.
struct StanSixPoint {
  static constexpr std::string_view name = "stan_six_point";
  static constexpr std::string_view source =
      "stan::math::finite_diff_grad: six-point stencil, step 1e-3; test_gradients: error 1e-6";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(14);
    const Projected<T> scalar{f, random.normal(f.outputs)};
    const Vector<T> claimed = scalar.gradient();
    for (Index k = 0; k < f.x.size(); ++k) {
      const T h = T(1e-3);
      const T numerical = (T(3) / T(2)) * scalar.central(k, h) - (T(3) / T(5)) * scalar.central(k, T(2) * h) +
                          (T(1) / T(10)) * scalar.central(k, T(3) * h);
      if (!close(claimed(k), numerical, 1e-6, 0)) return false;
    }
    return true;
  }
};

}  // namespace backprove::baselines
