#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LogSoftmaxSubtractsTheMean : LayerMutant {
  static constexpr std::string_view name = "log_softmax_subtracts_the_mean";
  static constexpr std::string_view what =
      "the mean of the cotangent is subtracted in place of the softmax times its sum";
  template <class L>
  static constexpr bool applies = std::same_as<L, LogSoftmax>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      for (Index j = 0; j < x_bar.cols(); ++j) x_bar.col(j) = s.y_bar.col(j).array() - s.y_bar.col(j).mean();
    });
  }
};

}  // namespace backprove::mutants
