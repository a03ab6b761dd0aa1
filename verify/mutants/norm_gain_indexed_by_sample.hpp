#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NormGainIndexedBySample : LayerMutant {
  static constexpr std::string_view name = "norm_gain_indexed_by_sample";
  static constexpr std::string_view what = "the gain is indexed by the sample in place of the feature";
  static constexpr std::string_view report = "deepspeedai/DeepSpeed#692";
  template <class L>
  static constexpr bool applies = std::same_as<L, LayerNorm>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.n > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    Matrix<T> y_bar = s.y_bar;
    for (Index j = 0; j < y_bar.cols(); ++j)
      for (Index i = 0; i < y_bar.rows(); ++i) y_bar(i, j) *= s.p.theta(j % layer.n) / s.p.theta(i);
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      Vector<T> unused = Vector<T>::Zero(s.theta_bar.size());
      if (x_bar.size() > 0) layer.vjp(s.p, view(std::as_const(y_bar)), view(x_bar), view(unused));
    });
  }
};

}  // namespace backprove::mutants
