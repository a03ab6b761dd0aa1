#pragma once

#include "core/loss_formulas.hpp"

namespace backprove {

/// sum_i [softplus(x_i) - y_i x_i] for logits x and targets in [0, 1]: binary cross-entropy of sigmoid(x), without
/// overflow. Gradient sigmoid(x) - y. The two terms of a sample cancel for |x| >> 1 when the target is on the logit's
/// side: with y = 1 the loss is taken as softplus(-x), which keeps its digits, and the gradient as -sigmoid(-x).
struct SigmoidCrossEntropy {
  static constexpr std::string_view name = "sigmoid_cross_entropy";
  static constexpr std::string_view rational = "exp";
  static constexpr Targets targets = Targets::probabilities;

  template <class T>
  static T value(const T* z, const double* y, Index n) {
    using namespace math;
    T sum = T(0);
    for (Index i = 0; i < n; ++i) {
      if (y[i] == 1)
        sum += softplus(-z[i]);
      else
        sum += y[i] == 0 ? softplus(z[i]) : softplus(z[i]) - T(y[i]) * z[i];
    }
    return sum;
  }
  template <class T>
  static void gradient(const T* z, const double* y, Index n, T* g) {
    using namespace math;
    for (Index i = 0; i < n; ++i) {
      if (y[i] == 1)
        g[i] = -sigmoid(-z[i]);
      else
        g[i] = sigmoid(z[i]) - T(y[i]);
    }
  }
};

}  // namespace backprove
