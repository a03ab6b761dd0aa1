#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormalisedOverTheBatch : LayerMutant {
  static constexpr std::string_view name = "normalised_over_the_batch";
  static constexpr std::string_view what = "the sum runs over the samples in place of the features";
  static constexpr std::string_view report = "mlpack/mlpack#3468";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 1 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      for (Index i = 0; i < x_bar.rows(); ++i) {
        const T sum = s.p.y.row(i).cwiseProduct(s.y_bar.row(i)).sum();
        for (Index j = 0; j < x_bar.cols(); ++j) x_bar(i, j) = s.p.y(i, j) * (s.y_bar(i, j) - sum);
      }
    });
  }
};

}  // namespace backprove::mutants
