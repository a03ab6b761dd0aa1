#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct TrueClassOnly : LossMutant {
  static constexpr std::string_view name = "true_class_only";
  static constexpr std::string_view what = "only the true class gets a gradient";
  template <class K>
  static constexpr bool applies_to_loss = std::same_as<K, SoftmaxCrossEntropy>;

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) {
      for (Index j = 0; j < all.cols(); ++j)
        for (Index i = 0; i < all.rows(); ++i)
          if (i != class_index(y.data() + j)) all(i, j) = T(0);
    });
  }
};

}  // namespace backprove::mutants
