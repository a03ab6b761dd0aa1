#pragma once

#include "core/differences.hpp"
#include "core/scalars/complex.hpp"

namespace backprove {

/// Im f(x + i h)/h (Squire & Trapp 1998; Martins et al. 2003): no subtraction, error h^2 f'''/6. With h near u^2
/// it vanishes unless f''' is vast; it is estimated from the quotients with steps 2h and 4h, which have the same bits
/// then. Piecewise layers branch on the real part.
struct ComplexStep {
  static constexpr std::string_view name = "complex_step";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return is_complex<T> ? "complex: the step into the imaginary part needs a real scalar" : "";
  }
  static Cost predict(const Shape& shape) { return difference_cost(shape, 12, 2); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    // Not below 2^-1000, which a double still holds: its square is far below every precision in use.
    const double h = std::max(step_size(0, relative_step<T>(options, 2)), 0x1p-1000);
    return prepare_differences<Complex<T>>(
        problem, options, [h](const auto& probe, const Coordinates& at, const T&, Gradient<T>& gradient) {
          const auto quotient = [&](double step) {
            Vector<Complex<T>> displaced(at.count);
            for (Index k = 0; k < at.count; ++k) displaced(k) = Complex<T>{probe.value(at, k), T(step)};
            const Vector<Complex<T>> losses = probe.losses(at, displaced, nullptr);
            Vector<T> quotients(at.count);
            for (Index k = 0; k < at.count; ++k) quotients(k) = losses(k).im / T(step);
            return quotients;
          };
          const Vector<T> once = quotient(h), twice = quotient(2 * h), four_times = quotient(4 * h);
          for (Index k = 0; k < at.count; ++k) {
            const Truncation truncation(once(k), twice(k), four_times(k), 2, 4);
            probe.target(at, k, gradient) = once(k);
            gradient.truncation(probe.flat(at, k)) = truncation.estimate;
            gradient.irregularity(probe.flat(at, k)) = truncation.irregularity;
          }
        });
  }
};

}  // namespace backprove
