#pragma once

#include "core/loss_formulas.hpp"

namespace backprove {

/// -log z_k for probabilities z (after softmax) and class k; gradient -1/z_k at k, else 0. Behind a softmax it becomes
/// softmax - e_k, the third row of the paper's Table I. Domain: z_k > 0; a z_k that has underflowed to 0 gives
/// infinity: softmax_cross_entropy does not.
struct CrossEntropy {
  static constexpr std::string_view name = "cross_entropy";
  static constexpr std::string_view rational = "log";
  static constexpr Targets targets = Targets::classes;

  template <class T>
  static T value(const T* z, const double* y, Index n) {
    using namespace math;
    static_cast<void>(n);
    return -log(z[class_index(y)]);
  }
  template <class T>
  static void gradient(const T* z, const double* y, Index n, T* g) {
    using namespace math;
    for (Index i = 0; i < n; ++i) g[i] = T(0);
    g[class_index(y)] = T(-1) / z[class_index(y)];
  }
};

}  // namespace backprove
