#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct ClosedOnTheRight : LayerMutant {
  static constexpr std::string_view name = "closed_on_the_right";
  static constexpr std::string_view what = "at a kink the slope from the right is taken";
  static constexpr std::string_view equivalent =
      "differs at exactly 0 only, where every slope between the two sides is a subderivative";
  template <class L>
  static constexpr bool applies = std::same_as<L, Relu> || std::same_as<L, LeakyRelu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T x, T) {
      return x >= T(0) ? T(1) : std::same_as<L, Relu> ? T(0) : static_cast<T>(0.01);
    });
  }
};

}  // namespace backprove::mutants
