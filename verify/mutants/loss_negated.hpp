#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossNegated : LossMutant {
  static constexpr std::string_view name = "loss_negated";
  static constexpr std::string_view what = "the gradient of the loss has the wrong sign";
  static constexpr std::string_view hint = "-1";

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all = -all; });
  }
};

}  // namespace backprove::mutants
