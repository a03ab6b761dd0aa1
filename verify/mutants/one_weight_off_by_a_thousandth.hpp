#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct OneWeightOffByAThousandth : LayerMutant {
  static constexpr std::string_view name = "one_weight_off_by_a_thousandth";
  static constexpr std::string_view what = "the gradient of the last weight is 1.001 times what it should be";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) {
      theta_bar(layer.n_in * layer.n_out - 1) *= static_cast<T>(1.001);
    });
  }
};

}  // namespace backprove::mutants
