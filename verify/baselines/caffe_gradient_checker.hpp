#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// Every output against central differences, relative to the larger of both and at least 1.
struct CaffeGradientChecker {
  static constexpr std::string_view name = "caffe_gradient_checker";
  static constexpr std::string_view source = "caffe::GradientChecker(stepsize 1e-2, threshold 1e-3)";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    const Matrix<T> claimed = claimed_jacobian(f);
    for (Index k = 0; k < f.x.size(); ++k) {
      const Vector<T> numerical = central_column(f, k, T(1e-2));
      for (Index i = 0; i < f.outputs; ++i) {
        const double a = static_cast<double>(claimed(i, k)), b = static_cast<double>(numerical(i));
        const double scale = std::max(std::max(std::abs(a), std::abs(b)), 1.0);
        if (!(std::abs(a - b) <= 1e-3 * scale)) return false;
      }
    }
    return true;
  }
};

}  // namespace backprove::baselines
