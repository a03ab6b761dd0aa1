#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct WeightWithoutLastSample : LayerMutant {
  static constexpr std::string_view name = "weight_without_last_sample";
  static constexpr std::string_view what = "the weight gradient leaves the last sample out";
  static constexpr std::string_view hint = "missing from the sum";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.n_in > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) {
      const Index last = s.samples() - 1;
      Out<T>(theta_bar.data(), layer.n_in, layer.n_out) -= s.p.x.col(last) * s.y_bar.col(last).transpose();
    });
  }
};

}  // namespace backprove::mutants
