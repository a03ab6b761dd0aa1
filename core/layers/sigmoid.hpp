#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = 1/(1 + e^-x), y' = y (1 - y). Kinks: none. Both formulas take 1 - y = sigmoid(-x), so no digits are lost where
/// y is near 1; y' underflows to 0 from about x = -745 (double) on, as it should.
struct SigmoidRule {
  static constexpr std::string_view name = "sigmoid";
  static constexpr std::string_view rational = "exp";
  static constexpr bool kink = false;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return sigmoid(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return sigmoid(x) * sigmoid(-x);
  }
  template <class T>
  static T reverse_slope(const T& x, const T& y) {
    using namespace math;
    return y * sigmoid(-x);
  }
};
using Sigmoid = Elementwise<SigmoidRule>;

}  // namespace backprove
