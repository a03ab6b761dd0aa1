#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SignTakenFromTheOutput : LayerMutant {
  static constexpr std::string_view name = "sign_taken_from_the_output";
  static constexpr std::string_view what = "the branch is chosen by the sign of the output in place of the input's";
  static constexpr std::string_view report = "pytorch/pytorch#31938";
  static constexpr std::string_view equivalent =
      "the slope on the left is positive or the output is 0 there, so that output and input have the same sign";
  template <class L>
  static constexpr bool applies = std::same_as<L, Relu> || std::same_as<L, LeakyRelu>;

  template <class T, class L>
  static void step(const L&, const Step<T>& s) {
    step_with_slope<T>(s, [](T, T y) { return y > T(0) ? T(1) : std::same_as<L, Relu> ? T(0) : static_cast<T>(0.01); });
  }
};

}  // namespace backprove::mutants
