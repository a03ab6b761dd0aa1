#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x (1 + tanh v)/2 = x sigmoid(2v), v = sqrt(2/pi) (x + 0.044715 x^3): PyTorch's GELU with approximate = 'tanh',
/// by the sigmoid so that the negative tail keeps its digits. y' = s + x s (1 - s) 2v', s = sigmoid(2v), v' =
/// sqrt(2/pi) (1 + 0.134145 x^2). Kinks: none. Domain: |x| < 1e12 in float, 1e100 in double, beyond which x^3
/// overflows. Cancellation near the root at -0.7525.
struct GeluTanhRule {
  static constexpr std::string_view name = "gelu_tanh";
  static constexpr std::string_view rational = "exp";
  static constexpr bool kink = false;
  static constexpr std::string_view loses_digits = "near the root of the slope";

  template <class T>
  static T factor() {
    using namespace math;
    return sqrt(T(8) / Constants<T>::pi());
  }
  template <class T>
  static T cubic() {
    return T(44715) / T(1000000);
  }
  template <class T>
  static T twice_v(const T& x) {
    return factor<T>() * (x + cubic<T>() * (x * x * x));
  }
  template <class T>
  static T twice_slope(const T& x) {
    return factor<T>() * (T(1) + T(3) * cubic<T>() * (x * x));
  }
  template <class T>
  static T value(const T& x) {
    using namespace math;
    return x * sigmoid(twice_v(x));
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    const T s = sigmoid(twice_v(x)), rest = sigmoid(-twice_v(x));
    return s * (T(1) + x * rest * twice_slope(x));
  }
  template <class T>
  static T reverse_slope(const T& x, const T& y) {
    using namespace math;
    const T v = twice_v(x);
    return sigmoid(v) + (y * sigmoid(-v)) * twice_slope(x);
  }
};
using GeluTanh = Elementwise<GeluTanhRule>;

}  // namespace backprove
