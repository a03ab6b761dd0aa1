#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SquaredErrorWithoutFactorTwo : LossMutant {
  static constexpr std::string_view name = "squared_error_without_factor_two";
  static constexpr std::string_view what = "the derivative of (z - y)^2 is taken as z - y";
  static constexpr std::string_view hint = "1/2";
  template <class K>
  static constexpr bool applies_to_loss = std::same_as<K, SquaredError>;

  template <class T>
  static void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) {
    edited_loss<T>(loss, z, y, batch, g, [&](Out<T>& all) { all /= T(2); });
  }
};

}  // namespace backprove::mutants
