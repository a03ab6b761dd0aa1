#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// One number v^T J u, for random u and v with positive entries and norm 1.
struct PytorchGradcheckFast {
  static constexpr std::string_view name = "pytorch_gradcheck_fast";
  static constexpr std::string_view source =
      "torch.autograd.gradcheck, fast_mode=True: eps 1e-6, atol 1e-5 scaled by the sums of both directions, rtol 1e-3";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(11);
    Vector<T> u = random.uniform(f.x.size()), v = random.uniform(f.outputs);
    u /= u.norm();
    v /= v.norm();
    const T h = T(1e-6);
    const T numerical = v.dot(f.value(f.x + h * u) - f.value(f.x - h * u)) / (T(2) * h);
    const double absolute = 1e-5 * static_cast<double>(u.sum()) * static_cast<double>(v.sum());
    return close(f.vjp(f.x, v).dot(u), numerical, absolute, 1e-3);
  }
};

}  // namespace backprove::baselines
