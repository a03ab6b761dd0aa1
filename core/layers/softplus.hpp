#pragma once

#include "core/elementwise.hpp"

namespace backprove {

/// y = log(1 + e^x), y' = sigmoid(x). Kinks: none; exact for all x, without PyTorch's threshold (which returns x from
/// 20 on).
struct SoftplusRule {
  static constexpr std::string_view name = "softplus";
  static constexpr std::string_view rational = "exp";
  static constexpr bool kink = false;

  template <class T>
  static T value(const T& x) {
    using namespace math;
    return softplus(x);
  }
  template <class T>
  static T slope(const T& x, const T&) {
    using namespace math;
    return sigmoid(x);
  }
  template <class T>
  static T reverse_slope(const T&, const T& y) {
    using namespace math;
    return -expm1(-y);
  }
};
using Softplus = Elementwise<SoftplusRule>;

}  // namespace backprove
