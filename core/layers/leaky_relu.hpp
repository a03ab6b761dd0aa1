#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = max(x, 0) + a min(x, 0), a = 1/100 (PyTorch's default, here the real number, rounded once to T). Kink at 0,
/// where y' is a as in PyTorch; every value of [a, 1] is a subderivative.
struct LeakyReluRule {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr std::string_view rational = "";
  static constexpr bool kink = true;
  static constexpr double slope_units = 4;  // 0.01, its difference from 1, the sum, the product with the cotangent

  template <class T>
  static T leak() {
    return T(1) / T(100);
  }
  template <class T>
  static T value(const T& x) {
    using namespace math;
    return max0(x) + leak<T>() * min0(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return step(x) + (T(1) - step(x)) * leak<T>();
  }
  template <class T>
  static T reverse_slope(const T&, const T& y) {
    using namespace math;
    return leak<T>() + step(y) * (T(1) - leak<T>());
  }
};
using LeakyRelu = Elementwise<LeakyReluRule>;

}  // namespace backprove
