#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct NegativeSideDropped : LayerMutant {
  static constexpr std::string_view name = "negative_side_dropped";
  static constexpr std::string_view what = "the negative side gets no gradient";
  template <class L>
  static constexpr bool applies = std::same_as<L, LeakyRelu> || std::same_as<L, Elu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T) { return x > T(0) ? T(1) : T(0); });
  }
};

}  // namespace backprove::mutants
