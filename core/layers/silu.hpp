#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x s, s = sigmoid(x); y' = s + x s (1 - s), with 1 - s = sigmoid(-x). Kinks: none. Near the root of y' at x =
/// -1.278 the sum cancels: absolute error of a few u.
struct SiluRule {
  static constexpr std::string_view name = "silu";
  static constexpr std::string_view rational = "exp";
  static constexpr bool kink = false;
  static constexpr std::string_view loses_digits = "near the root of the slope";

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return x * sigmoid(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return sigmoid(x) * (T(1) + x * sigmoid(-x));
  }
  template <class T>
  static T reverse_slope(const T& x, const T& y) {
    using namespace math;
    const T s = sigmoid(x);
    return s + y * sigmoid(-x);
  }
};
using Silu = Elementwise<SiluRule>;

}  // namespace backprove
