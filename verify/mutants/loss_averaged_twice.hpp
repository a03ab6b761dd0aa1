#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossAveragedTwice : LossMutant {
  static constexpr std::string_view name = "loss_averaged_twice";
  static constexpr std::string_view what = "the gradient is divided by the number of samples once more";
  static constexpr std::string_view hint = "1/batch size";

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all /= static_cast<T>(batch); });
  }
};

}  // namespace backprove::mutants
