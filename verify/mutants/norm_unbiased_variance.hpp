#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormUnbiasedVariance : LayerMutant {
  static constexpr std::string_view name = "norm_unbiased_variance";
  static constexpr std::string_view what = "the backward step divides by n - 1, the forward by n";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 2;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      const Index n = layer.n;
      for (Index j = 0; j < x_bar.cols(); ++j) {
        const Vector<T> x = s.p.x.col(j), centred = x.array() - x.mean();
        const T r = T(1) / std::sqrt(centred.squaredNorm() / static_cast<T>(n) + T(1e-5));
        const Vector<T> h = r * centred, h_bar = s.p.theta.head(n).cwiseProduct(s.y_bar.col(j));
        const T u = T(1) / std::sqrt(centred.squaredNorm() / static_cast<T>(n - 1) + T(1e-5));
        x_bar.col(j) = u * (h_bar.array() - h_bar.mean() - h.array() * (h.dot(h_bar) / static_cast<T>(n)));
      }
    });
  }
};

}  // namespace backprove::mutants
