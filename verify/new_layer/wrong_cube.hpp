#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x^3 with an error: `slope` says 2 x^2. `reverse_slope` has the right 3 x^2, so that the strategies which trust
/// d_input fail and no others. The test beside it adds this layer to a scratch copy of the sources.
struct WrongCubeRule {
  static constexpr std::string_view name = "wrong_cube";
  static constexpr std::string_view rational = "";
  static constexpr bool kink = false;

  template <class T>
  static T value(const T& x) {
    return x * x * x;
  }
  template <class T>
  static T slope(const T& x, const T&) {
    return T(2) * x * x;
  }
  template <class T>
  static T reverse_slope(const T& x, const T&) {
    return T(3) * x * x;
  }
};
using WrongCube = Elementwise<WrongCubeRule>;

}  // namespace backprove
