#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct UpstreamIgnored : LayerMutant {
  static constexpr std::string_view name = "upstream_ignored";
  static constexpr std::string_view what = "the cotangent from above is taken as one";
  static constexpr std::string_view report = "chainer/chainer#1175";
  template <class L>
  static constexpr bool applies = !std::same_as<L, Softmax>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    step_with_cotangent<T>(layer, s, Matrix<T>::Ones(s.y_bar.rows(), s.y_bar.cols()));
  }
};

}  // namespace backprove::mutants
