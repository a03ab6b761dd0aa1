#pragma once

#include "core/certified.hpp"

namespace backprove {

/// Point values with the process's number of decimal digits (set_wide_digits) (Boost.Multiprecision over MPFR), by a
/// tape over scalar operations that trusts no layer's derivative; rounded once to the working scalar.
struct Reference {
  static constexpr std::string_view name = "reference";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return taped_cost<Wide>(shape); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [problem, options](Gradient<T>& gradient) {
      rounded_from(problem, gradient, [&](const Problem<double>& in) { return reference_gradient(in, options); });
    };
  }
};

}  // namespace backprove
