#pragma once

#include "core/loss_formulas.hpp"

namespace backprove {

/// log sum_j e^(x_j - m) - (x_k - m), m = max x as a constant, for logits x and class k: cross-entropy of softmax(x),
/// without overflow. Gradient softmax(x) - e_k, its k-th entry as minus the sum of the others, so that it keeps its
/// digits where class k has nearly all the probability; the value keeps only an absolute error of a few u there.
struct SoftmaxCrossEntropy {
  static constexpr std::string_view name = "softmax_cross_entropy";
  static constexpr std::string_view rational = "exp";
  static constexpr Targets targets = Targets::classes;

  template <class T>
  static T value(const T* z, const double* y, Index n) {
    using namespace math;
    const T shift = maximum(z, n);
    T sum = T(0);
    for (Index i = 0; i < n; ++i) sum += exp(z[i] - shift);
    return log(sum) - (z[class_index(y)] - shift);
  }
  template <class T>
  static void gradient(const T* z, const double* y, Index n, T* g) {
    using namespace math;
    const T shift = maximum(z, n);
    const Index k = class_index(y);
    T rest = T(0);
    for (Index i = 0; i < n; ++i) {
      g[i] = exp(z[i] - shift);
      if (i != k) rest += g[i];
    }
    const T sum = rest + g[k];
    g[k] = -rest;
    for (Index i = 0; i < n; ++i) g[i] = g[i] / sum;
  }
};

}  // namespace backprove
