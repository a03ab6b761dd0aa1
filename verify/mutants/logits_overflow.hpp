#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct LogitsOverflow : LossMutant {
  static constexpr std::string_view name = "logits_overflow";
  static constexpr std::string_view what = "the softmax is computed without the shift by the largest logit";
  static constexpr std::string_view report = "stan-dev/math#1679";
  static constexpr std::string_view hint = "not finite";
  template <class K>
  static constexpr bool applies_to_loss = std::same_as<K, SoftmaxCrossEntropy>;

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) {
      for (Index j = 0; j < all.cols(); ++j) {
        const Vector<T> e = z.col(j).array().exp();
        all.col(j) = e / e.sum();
        all(class_index(y.data() + j), j) -= T(1);
      }
      if (loss.reduction == Reduction::mean) all /= static_cast<T>(batch);
    });
  }
};

}  // namespace backprove::mutants
