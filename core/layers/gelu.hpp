#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = x Phi(x), Phi(x) = erfc(-x/sqrt 2)/2: PyTorch's GELU with approximate = 'none', by erfc so that the negative
/// tail keeps its digits. y' = Phi(x) + x phi(x), phi(x) = e^(-x^2/2)/sqrt(2 pi). Kinks: none. Near the root of y' at x
/// = -0.7518 the sum cancels: absolute error of a few u.
struct GeluRule {
  static constexpr std::string_view name = "gelu";
  static constexpr std::string_view rational = "erfc";
  static constexpr bool kink = false;
  static constexpr std::string_view loses_digits = "near the root of the slope at x = -0.7518";

  template <class T>
  static T normal_cdf(const T& x) {
    using namespace math;
    return erfc(-x / Constants<T>::sqrt2()) / T(2);
  }
  template <class T>
  static T value(const T& x) {
    using namespace math;
    return x * normal_cdf(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return normal_cdf(x) + x * exp(-(x * x) / T(2)) / sqrt(T(2) * Constants<T>::pi());
  }
  template <class T>
  static T reverse_slope(const T& x, const T&) {
    using namespace math;
    const T density = exp(-(x * x) / T(2)) / (Constants<T>::sqrt2() * sqrt(Constants<T>::pi()));
    return density * x + normal_cdf(x);
  }
};
using Gelu = Elementwise<GeluRule>;

}  // namespace backprove
