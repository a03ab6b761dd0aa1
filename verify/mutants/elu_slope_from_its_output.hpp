#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct EluSlopeFromItsOutput : LayerMutant {
  static constexpr std::string_view name = "elu_slope_from_its_output";
  static constexpr std::string_view what =
      "the slope of e^x - 1 is taken as y + 1, which has lost its digits for x << 0";
  static constexpr std::string_view report = "pytorch/pytorch#47671";
  template <class L>
  static constexpr bool applies = std::same_as<L, Elu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T y) { return x > T(0) ? T(1) : y + T(1); });
  }
};

}  // namespace backprove::mutants
