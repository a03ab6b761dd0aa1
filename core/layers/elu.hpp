#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x for x > 0, e^x - 1 for x <= 0 (alpha = 1); y' = 1 or e^x: continuous at 0, where y'' jumps. No digits are
/// lost: y' is e^x itself, never y + 1.
struct EluRule {
  static constexpr std::string_view name = "elu";
  static constexpr std::string_view rational = "exp";
  static constexpr bool kink = true;
  static constexpr bool slope_is_continuous = true;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return max0(x) + expm1(min0(x));
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return step(x) + (T(1) - step(x)) * exp(min0(x));
  }
  template <class T>
  static T reverse_slope(const T& x, const T&) {
    using namespace math;
    return slope_of_expm1(min0(x));
  }
};
using Elu = Elementwise<EluRule>;

}  // namespace backprove
