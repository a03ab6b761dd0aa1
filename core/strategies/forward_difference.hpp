#pragma once

#include "core/differences.hpp"

namespace backprove {

/// (f(x + h) - f(x))/h with h near sqrt(u) max(1, |x|), made representable. Truncation h f''/2 is estimated
/// from the quotients with steps 2h and 4h.
struct ForwardDifference {
  static constexpr std::string_view name = "forward_difference";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return difference_cost(shape, 3, 1); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    const double relative = relative_step<T>(options, 1.0 / 2);
    return prepare_differences<T>(
        problem, options, [relative](const auto& probe, const Coordinates& at, const T& loss, Gradient<T>& gradient) {
          using namespace math;
          const auto [x, step] = values_and_steps(probe, at, relative);
          const T base = probe.base(at, loss);
          Vector<signed char> crossed = Vector<signed char>::Zero(at.count);
          const auto quotient = [&, &x = x, &step = step](double factor) {
            const Moved<T> up(x, step, factor);
            Vector<T> quotients = probe.losses(at, up.at, &crossed);
            for (Index k = 0; k < at.count; ++k) quotients(k) = (quotients(k) - base) / up.distance(k);
            return quotients;
          };
          const Vector<T> once = quotient(1), twice = quotient(2), four_times = quotient(4);
          for (Index k = 0; k < at.count; ++k) {
            const Index flat = probe.flat(at, k);
            const Truncation truncation(once(k), twice(k), four_times(k), 1, 2);
            probe.target(at, k, gradient) = once(k);
            gradient.truncation(flat) = truncation.estimate;
            gradient.irregularity(flat) = truncation.irregularity;
            gradient.step(flat) = step(k);
            gradient.kinked(flat) = crossed(k);
          }
        });
  }
};

}  // namespace backprove
