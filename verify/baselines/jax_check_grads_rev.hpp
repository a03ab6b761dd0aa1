#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// <v, J u> against <J^T v, u> for one random normal u and v, J u by central differences.
struct JaxCheckGradsRev {
  static constexpr std::string_view name = "jax_check_grads_rev";
  static constexpr std::string_view source =
      "jax.test_util.check_grads, modes=[rev]: eps 1e-4, atol = rtol = 1e-5 (float64), 2e-3 (float32)";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(13);
    const Vector<T> u = random.normal(f.x.size()), v = random.normal(f.outputs);
    const T h = T(1e-4);
    const double tolerance = sizeof(T) == 4 ? 2e-3 : 1e-5;
    const Vector<T> numerical = (f.value(f.x + h * u) - f.value(f.x - h * u)) * (T(0.5) / h);
    return close(f.vjp(f.x, v).dot(u), numerical.dot(v), tolerance, tolerance);
  }
};

}  // namespace backprove::baselines
