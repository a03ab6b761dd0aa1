#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x, y' = 1.
struct IdentityRule {
  static constexpr std::string_view name = "identity";
  static constexpr std::string_view rational = "";
  static constexpr bool kink = false;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return x;
  }
  template <class T>
  static T slope(const T&, const T&) {
    using namespace math;
    return T(1);
  }
  template <class T>
  static T reverse_slope(const T&, const T&) {
    using namespace math;
    return T(1);
  }
};
using Identity = Elementwise<IdentityRule>;

}  // namespace backprove
