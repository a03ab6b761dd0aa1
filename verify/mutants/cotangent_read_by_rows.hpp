#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct CotangentReadByRows : LayerMutant {
  static constexpr std::string_view name = "cotangent_read_by_rows";
  static constexpr std::string_view what = "a cotangent stored by columns is read by rows";
  static constexpr std::string_view report = "pytorch/pytorch#189565";
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.outputs() > 1 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    const Matrix<T> copy = s.y_bar;
    Matrix<T> y_bar(copy.rows(), copy.cols());
    for (Index i = 0; i < copy.rows(); ++i)
      for (Index j = 0; j < copy.cols(); ++j) y_bar(i, j) = copy.data()[i * copy.cols() + j];
    step_with_cotangent<T>(layer, s, y_bar);
  }
};

}  // namespace backprove::mutants
