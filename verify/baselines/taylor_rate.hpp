#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// The residual |g(x + h d) - g(x) - h <gradient, d>| of a random projection must fall like h^2.
struct TaylorRate {
  static constexpr std::string_view name = "taylor_rate";
  static constexpr std::string_view source =
      "pyadjoint taylor_test: h = 0.01, halved three times; the rate of convergence must reach 1.9";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(19);
    const Projected<T> scalar{f, random.normal(f.outputs)};
    const Vector<T> d = random.normal(f.x.size());
    const double slope = static_cast<double>(scalar.gradient().dot(d)), base = static_cast<double>(scalar.value(f.x));
    double before = 0;
    for (int i = 0; i < 4; ++i) {
      const double h = 0.01 * std::exp2(-i);
      const double residual =
          std::abs(static_cast<double>(scalar.value(f.x + static_cast<T>(h) * d)) - base - h * slope);
      if (i > 0 && !(std::log2(before / residual) >= 1.9)) return false;
      before = residual;
    }
    return true;
  }
};

}  // namespace backprove::baselines
