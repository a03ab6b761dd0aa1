#pragma once

#include "core/differences.hpp"

namespace backprove {

/// (f(x + h) - f(x - h))/(2h) with h near cbrt(u) max(1, |x|), made representable. Truncation h^2 f'''/6 is estimated
/// from the quotients with steps 2h and 4h.
struct CentralDifference {
  static constexpr std::string_view name = "central_difference";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return difference_cost(shape, 6, 1); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    const double relative = relative_step<T>(options, 1.0 / 3);
    return prepare_differences<T>(
        problem, options, [relative](const auto& probe, const Coordinates& at, const T&, Gradient<T>& gradient) {
          using namespace math;
          const auto [x, step] = values_and_steps(probe, at, relative);
          Vector<signed char> crossed = Vector<signed char>::Zero(at.count);
          const auto quotient = [&, &x = x, &step = step](double factor) {
            const Moved<T> up(x, step, factor), down(x, step, -factor);
            const Vector<T> above = probe.losses(at, up.at, &crossed), below = probe.losses(at, down.at, &crossed);
            Vector<T> quotients(at.count);
            for (Index k = 0; k < at.count; ++k)
              quotients(k) = (above(k) - below(k)) / (up.distance(k) - down.distance(k));
            return quotients;
          };
          const Vector<T> once = quotient(1), twice = quotient(2), four_times = quotient(4);
          for (Index k = 0; k < at.count; ++k) {
            const Index flat = probe.flat(at, k);
            const Truncation truncation(once(k), twice(k), four_times(k), 2, 4);
            probe.target(at, k, gradient) = once(k);
            gradient.truncation(flat) = truncation.estimate;
            gradient.irregularity(flat) = truncation.irregularity;
            gradient.step(flat) = 2 * step(k);
            gradient.kinked(flat) = crossed(k);
          }
        });
  }
};

}  // namespace backprove
