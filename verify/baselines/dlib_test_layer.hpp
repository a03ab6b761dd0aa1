#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// A random projection; only errors that are large both ways count.
struct DlibTestLayer {
  static constexpr std::string_view name = "dlib_test_layer";
  static constexpr std::string_view source =
      "dlib::test_layer: central differences with step 0.01, wrong if the relative error exceeds 0.05 and the absolute "
      "one 0.01";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(16);
    const Projected<T> scalar{f, random.normal(f.outputs)};
    const Vector<T> claimed = scalar.gradient();
    for (Index k = 0; k < f.x.size(); ++k) {
      const double a = static_cast<double>(claimed(k)), b = static_cast<double>(scalar.central(k, T(1e-2)));
      const double absolute = std::abs(a - b), relative = absolute / std::abs(b);
      if (!(relative <= 0.05 || absolute <= 0.01)) return false;
    }
    return true;
  }
};

}  // namespace backprove::baselines
