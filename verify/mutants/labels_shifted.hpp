#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LabelsShifted : LossMutant {
  static constexpr std::string_view name = "labels_shifted";
  static constexpr std::string_view what = "the class index is one too large";
  template <class K>
  static constexpr bool applies_to_loss = K::targets == Targets::classes;

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    Matrix<double> shifted = y;
    for (Index i = 0; i < y.size(); ++i)
      shifted.data()[i] = static_cast<double>((class_index(&y.data()[i]) + 1) % z.rows());
    loss.gradient<T>(z, view(std::as_const(shifted)), batch, g);
  }
};

}  // namespace backprove::mutants
