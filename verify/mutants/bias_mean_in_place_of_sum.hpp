#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct BiasMeanInPlaceOfSum : LayerMutant {
  static constexpr std::string_view name = "bias_mean_in_place_of_sum";
  static constexpr std::string_view what = "the bias gradient is averaged over the batch, not summed";
  static constexpr std::string_view hint = "1/batch size";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.n_out > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s,
                [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar.tail(layer.n_out) /= static_cast<T>(s.samples()); });
  }
};

}  // namespace backprove::mutants
