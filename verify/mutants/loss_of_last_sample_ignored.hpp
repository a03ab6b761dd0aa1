#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossOfLastSampleIgnored : LossMutant {
  static constexpr std::string_view name = "loss_of_last_sample_ignored";
  static constexpr std::string_view what = "the last sample gets no gradient, but is counted in the mean";
  static constexpr std::string_view report = "PaddlePaddle/Paddle#28622";
  static constexpr std::string_view hint = "last sample";

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all.rightCols(1).setZero(); });
  }
};

}  // namespace backprove::mutants
