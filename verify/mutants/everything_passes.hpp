#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct EverythingPasses : LayerMutant {
  static constexpr std::string_view name = "everything_passes";
  static constexpr std::string_view what = "the negative side passes with slope one";
  static constexpr std::string_view report = "chainer/chainer#5898";
  static constexpr std::string_view hint = "unchanged";
  template <class L>
  static constexpr bool applies = std::same_as<L, Relu> || std::same_as<L, LeakyRelu> || std::same_as<L, Elu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T, T) { return T(1); });
  }
};

}  // namespace backprove::mutants
