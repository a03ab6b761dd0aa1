#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossWithoutTarget : LossMutant {
  static constexpr std::string_view name = "loss_without_target";
  static constexpr std::string_view what = "the target is not subtracted";
  template <class K>
  static constexpr bool applies_to_loss = K::targets != Targets::classes;

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    Matrix<double> none = Matrix<double>::Zero(y.rows(), y.cols());
    loss.gradient<T>(z, view(std::as_const(none)), batch, g);
  }
};

}  // namespace backprove::mutants
