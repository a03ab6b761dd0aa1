#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct OverwritesInPlaceOfAccumulating : LayerMutant {
  static constexpr std::string_view name = "overwrites_in_place_of_accumulating";
  static constexpr std::string_view what = "parameter gradients are assigned where they should be added";
  static constexpr std::string_view report = "NVIDIA/TransformerEngine#3437, apache/mxnet#18499";
  template <class L>
  static constexpr bool applies = HasParameters<L>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>&, Vector<T>& theta_bar) { theta_bar -= s.theta_bar; });
  }
};

}  // namespace backprove::mutants
