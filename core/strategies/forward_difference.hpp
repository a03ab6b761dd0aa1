#pragma once

#include "core/differences.hpp"

namespace backprove {

/// (f(x + h) - f(x))/h with h near sqrt(u) max(1, |x|), made representable. Truncation h f''/2 is estimated by the
/// difference to the quotient with step 2h, times 2.
struct ForwardDifference {
  static constexpr std::string_view name = "forward_difference";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return difference_cost(shape, 2, 1); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    const double relative = options.step_factor * std::sqrt(unit_roundoff<T>());
    return prepare_differences<T>(
        problem, options, [relative](const auto& probe, const Coordinates& at, const T& loss, Gradient<T>& gradient) {
          using namespace math;
          const auto [x, step] = values_and_steps(probe, at, relative);
          const T base = probe.base(at, loss);
          Vector<signed char> crossed = Vector<signed char>::Zero(at.count);
          const Moved<T> once(x, step, 1), twice(x, step, 2);
          const Vector<T> near = probe.losses(at, once.at, &crossed), far = probe.losses(at, twice.at, &crossed);
          for (Index k = 0; k < at.count; ++k) {
            const T quotient = (near(k) - base) / once.distance(k), doubled = (far(k) - base) / twice.distance(k);
            const Index flat = probe.flat(at, k);
            probe.target(at, k, gradient) = quotient;
            gradient.truncation(flat) = 2 * std::abs(to_double(doubled - quotient));
            gradient.step(flat) = std::abs(to_double(once.distance(k)));
            gradient.kinked(flat) = crossed(k);
          }
        });
  }
};

}  // namespace backprove
