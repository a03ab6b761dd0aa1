#pragma once

#include "core/certified.hpp"

namespace backprove {

/// Rational arithmetic (cpp_rational) on a tape over scalar operations: no rounding at all. For piecewise-linear
/// networks with squared error; rounded once to the working scalar, which for cpp_rational rounds nothing.
struct ExactRational {
  static constexpr std::string_view name = "exact_rational";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network& network, const Loss& loss) {
    return irrational_reason(network, loss);
  }
  static Cost predict(const Shape& shape) { return taped_cost<Rational>(shape); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [problem, options](Gradient<T>& gradient) {
      rounded_from(problem, gradient, [&](const Problem<double>& in) { return rational_gradient(in, options); });
    };
  }
};

}  // namespace backprove
