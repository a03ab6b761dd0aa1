#pragma once

#include "core/certified.hpp"

namespace backprove {

/// Intervals that contain the exact gradient of the given floating-point data, by a tape over scalar operations in
/// MPFI's intervals or, where Arb is installed, by whole batches of its balls (core/kernels/balls). The precision
/// doubles until every block's widest entry is narrower than Options::width times its largest, or the cap is reached,
/// which the extras say. The working scalar gets the midpoints, and the radii around them.
struct Enclosure {
  static constexpr std::string_view name = "enclosure";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Cost once = taped_cost<Interval>(shape);
    return {2 * once.multiplications, 2 * once.scalars, once.scalar_bytes};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [problem, options](Gradient<T>& gradient) {
      rounded_from(problem, gradient, [&](const Problem<double>& in) { return enclose_gradient(in, options); });
    };
  }
};

}  // namespace backprove
