#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LogSoftmaxByTheSoftmaxFormula : LayerMutant {
  static constexpr std::string_view name = "log_softmax_by_the_softmax_formula";
  static constexpr std::string_view what = "the formula of softmax is used for its logarithm";
  static constexpr std::string_view report = "uxlfoundation/oneDNN#616";
  template <class L>
  static constexpr bool applies = std::same_as<L, LogSoftmax>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      for (Index j = 0; j < x_bar.cols(); ++j) {
        const Vector<T> y = s.p.y.col(j).array().exp();
        x_bar.col(j) = y.cwiseProduct(s.y_bar.col(j)) - y * y.dot(s.y_bar.col(j));
      }
    });
  }
};

}  // namespace backprove::mutants
