#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// J u for one random normal direction u, entry by entry; J comes from the claimed products.
struct JaxCheckGradsFwd {
  static constexpr std::string_view name = "jax_check_grads_fwd";
  static constexpr std::string_view source =
      "jax.test_util.check_grads, modes=[fwd]: eps 1e-4, atol = rtol = size times 1e-5 (float64), 2e-3 (float32)";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(12);
    const Vector<T> u = random.normal(f.x.size());
    const T h = T(1e-4);
    const double tolerance = (sizeof(T) == 4 ? 2e-3 : 1e-5) * static_cast<double>(f.outputs);
    const Vector<T> numerical = (f.value(f.x + h * u) - f.value(f.x - h * u)) * (T(0.5) / h);
    const Vector<T> claimed = claimed_jacobian(f) * u;
    for (Index i = 0; i < f.outputs; ++i)
      if (!close(claimed(i), numerical(i), tolerance, tolerance)) return false;
    return true;
  }
};

}  // namespace backprove::baselines
