#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x / sqrt(1 + x^2), y' = (1 + x^2)^(-3/2) = (y/x)^3. Kinks: none; no cancellation. A right layer, which the test
/// beside it adds to a scratch copy of the sources.
struct InverseSquareRootUnitRule {
  static constexpr std::string_view name = "inverse_square_root_unit";
  static constexpr std::string_view rational = "sqrt";
  static constexpr bool kink = false;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return x / sqrt(T(1) + x * x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    const T square = T(1) + x * x;
    return T(1) / (square * sqrt(square));
  }
  template <class T>
  static T reverse_slope(const T& x, const T&) {
    using namespace math;
    const T cosine = T(1) / sqrt(T(1) + x * x);
    return cosine * cosine * cosine;
  }
};
using InverseSquareRootUnit = Elementwise<InverseSquareRootUnitRule>;

}  // namespace backprove
