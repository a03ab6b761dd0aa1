#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LabelsOfTheNextSample : LossMutant {
  static constexpr std::string_view name = "labels_of_the_next_sample";
  static constexpr std::string_view what = "every sample is compared with the next one's target";

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    Matrix<double> moved(y.rows(), y.cols());
    for (Index j = 0; j < y.cols(); ++j) moved.col(j) = y.col((j + 1) % y.cols());
    loss.gradient<T>(z, view(std::as_const(moved)), batch, g);
  }
};

}  // namespace backprove::mutants
