#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// One relative error of the whole gradient of a random projection.
struct MlpackCheckGradient {
  static constexpr std::string_view name = "mlpack_check_gradient";
  static constexpr std::string_view source =
      "mlpack CheckGradient: central step 1e-7, |estimated - claimed|/|estimated + claimed| <= 1e-4";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    Directions<T> random(18);
    const Projected<T> scalar{f, random.normal(f.outputs)};
    const Vector<T> claimed = scalar.gradient();
    Vector<T> numerical(f.x.size());
    for (Index k = 0; k < f.x.size(); ++k) numerical(k) = scalar.central(k, T(1e-7));
    const double difference = static_cast<double>((numerical - claimed).norm());
    return difference / static_cast<double>((numerical + claimed).norm()) <= 1e-4;
  }
};

}  // namespace backprove::baselines
