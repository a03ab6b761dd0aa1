#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossNotAveraged : LossMutant {
  static constexpr std::string_view name = "loss_not_averaged";
  static constexpr std::string_view what = "the gradient of a mean over the samples is not divided by their number";
  static constexpr std::string_view hint = "batch size";
  static bool fits_loss(Reduction reduction) { return reduction == Reduction::mean; }

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all *= static_cast<T>(batch); });
  }
};

}  // namespace backprove::mutants
