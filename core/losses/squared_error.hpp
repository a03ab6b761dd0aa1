#pragma once

#include "core/loss_formulas.hpp"

namespace backprove {

/// sum_i (z_i - y_i)^2, gradient 2 (z - y): the first row of the paper's Table I.
struct SquaredError {
  static constexpr std::string_view name = "squared_error";
  static constexpr std::string_view rational = "";
  static constexpr Targets targets = Targets::values;

  template <class T>
  static T value(const T* z, const double* y, Index n) {
    using namespace math;
    T sum = T(0);
    for (Index i = 0; i < n; ++i) {
      const T d = z[i] - T(y[i]);
      sum += d * d;
    }
    return sum;
  }
  template <class T>
  static void gradient(const T* z, const double* y, Index n, T* g) {
    using namespace math;
    for (Index i = 0; i < n; ++i) g[i] = T(2) * (z[i] - T(y[i]));
  }
};

}  // namespace backprove
