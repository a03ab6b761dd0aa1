#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LossSumDividedByBatch : LossMutant {
  static constexpr std::string_view name = "loss_sum_divided_by_batch";
  static constexpr std::string_view what = "the gradient of a sum over the samples is divided by their number";
  static constexpr std::string_view report = "paiml/aprender#2182";
  static constexpr std::string_view hint = "1/batch size";
  static bool fits_loss(Reduction reduction) { return reduction == Reduction::sum; }

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all /= static_cast<T>(batch); });
  }
};

}  // namespace backprove::mutants
