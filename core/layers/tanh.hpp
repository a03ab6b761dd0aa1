#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = tanh x, y' = 1 - y^2 = (1 - y)(1 + y). Kinks: none. Loss of digits: near saturation y' keeps an absolute error
/// of a few u but no relative one; it is 0 from |x| > 19.06 in double (where y' is about 1e-16) and |x| > 9.01 in
/// float.
struct TanhRule {
  static constexpr std::string_view name = "tanh";
  static constexpr std::string_view rational = "tanh";
  static constexpr bool kink = false;
  static constexpr std::string_view loses_digits = "near saturation: the slope is good to a few u, not to a few ulp";

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return tanh(x);
  }
  template <class T>
  static T slope(const T&, const T& y) {
    using namespace math;
    return (T(1) - y) * (T(1) + y);
  }
  template <class T>
  static T reverse_slope(const T&, const T& y) {
    using namespace math;
    return T(1) - y * y;
  }
};
using Tanh = Elementwise<TanhRule>;

}  // namespace backprove
