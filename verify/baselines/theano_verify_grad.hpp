#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// A projection with weights in [0.5, 1.5); wrong if absolute and relative error both exceed the tolerance.
struct TheanoVerifyGrad {
  static constexpr std::string_view name = "theano_verify_grad";
  static constexpr std::string_view source =
      "theano.gradient.verify_grad: one-sided step 1e-7 (float64), 3e-4 (float32); abs_tol = rel_tol = 1e-4, 1e-2";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(17);
    const Projected<T> scalar{f, random.uniform(f.outputs, 0.5, 1.5)};
    const Vector<T> claimed = scalar.gradient();
    const T h = sizeof(T) == 4 ? T(3e-4) : T(1e-7);
    const double tolerance = sizeof(T) == 4 ? 1e-2 : 1e-4;
    const T base = scalar.value(f.x);
    for (Index k = 0; k < f.x.size(); ++k) {
      Vector<T> up = f.x;
      up(k) += h;
      const double a = static_cast<double>(claimed(k)), b = static_cast<double>((scalar.value(up) - base) / h);
      const double absolute = std::abs(a - b);
      const double relative = absolute / std::max(std::abs(a) + std::abs(b), 1e-8);
      if (!(absolute <= tolerance || relative <= tolerance)) return false;
    }
    return true;
  }
};

}  // namespace backprove::baselines
