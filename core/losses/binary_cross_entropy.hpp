#pragma once

#include "core/loss_formulas.hpp"

namespace backprove {

/// -sum_i [y_i log z_i + (1 - y_i) log(1 - z_i)] for probabilities z (after sigmoid) and targets in [0, 1]; 0 log 0 =
/// 0. Gradient (1 - y)/(1 - z) - y/z; behind a sigmoid it becomes sigmoid - y, the second row of the paper's Table I.
/// Domain: 0 < z < 1. A z that has rounded to 0 or 1 on the wrong side gives infinity: sigmoid_cross_entropy does not.
struct BinaryCrossEntropy {
  static constexpr std::string_view name = "binary_cross_entropy";
  static constexpr std::string_view rational = "log";
  static constexpr Targets targets = Targets::probabilities;

  template <class T>
  static T value(const T* z, const double* y, Index n) {
    using namespace math;
    T sum = T(0);
    for (Index i = 0; i < n; ++i) {
      if (y[i] != 0) sum -= T(y[i]) * log(z[i]);
      if (y[i] != 1) sum -= (T(1) - T(y[i])) * log1p(-z[i]);
    }
    return sum;
  }
  template <class T>
  static void gradient(const T* z, const double* y, Index n, T* g) {
    using namespace math;
    for (Index i = 0; i < n; ++i) {
      g[i] = T(0);
      if (y[i] != 0) g[i] -= T(y[i]) / z[i];
      if (y[i] != 1) g[i] += (T(1) - T(y[i])) / (T(1) - z[i]);
    }
  }
};

}  // namespace backprove
