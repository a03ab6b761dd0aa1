#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = max(x, 0). Kink at 0, where y' is 0 as in PyTorch; every value of [0, 1] is a subderivative.
struct ReluRule {
  static constexpr std::string_view name = "relu";
  static constexpr std::string_view rational = "";
  static constexpr bool kink = true;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return max0(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return step(x);
  }
  template <class T>
  static T reverse_slope(const T&, const T& y) {
    using namespace math;
    return step(y);
  }
};
using Relu = Elementwise<ReluRule>;

}  // namespace backprove
