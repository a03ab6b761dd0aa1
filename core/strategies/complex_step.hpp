#pragma once

#include "core/differences.hpp"
#include "core/scalars/complex.hpp"

namespace backprove {

/// Im f(x + i h)/h (Squire & Trapp 1998; Martins et al. 2003): no subtraction, error h^2 f'''/6. With h near u^2
/// it vanishes unless f''' is vast. Where every imaginary part on the way stays below `small` times its real part, the
/// error is of the second order in that; elsewhere it is estimated from the quotients with steps 2h and 4h too.
/// Piecewise layers branch on the real part.
struct ComplexStep {
  static constexpr std::string_view name = "complex_step";
  static constexpr unsigned trusts = formula_value;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return is_complex<T> ? "complex: the step into the imaginary part needs a real scalar" : "";
  }
  /// Of one quotient, four multiplications each; where it is not plain, three times that.
  static Cost predict(const Shape& shape) { return difference_cost(shape, 4, 2); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    // Not below 2^-1000, which a double still holds: its square is far below every precision in use.
    const double h = std::max(step_size(0, relative_step<T>(options, 2)), 0x1p-1000);
    return prepare_differences<Complex<T>>(
        problem, options, [h](const auto& probe, const Coordinates& at, const T&, Gradient<T>& gradient) {
          Quotient<T> quotient{probe, at};
          const Vector<T> once = quotient.with(h);
          const bool plain = quotient.largest <= small<T>() || std::same_as<T, RunningError>;
          const Vector<T> twice = plain ? once : quotient.with(2 * h), four_times = plain ? once : quotient.with(4 * h);
          for (Index k = 0; k < at.count; ++k) {
            const Truncation truncation(once(k), twice(k), four_times(k), 2, 4);
            probe.target(at, k, gradient) = once(k);
            gradient.truncation(probe.flat(at, k)) =
                plain ? quotient.largest * quotient.largest * std::abs(number(once(k))) : truncation.estimate;
            gradient.irregularity(probe.flat(at, k)) = truncation.irregularity;
          }
        });
  }

 private:
  /// So small that its square, times what the narrowest function on the way may have for a radius (layer_norm's 2^-9),
  /// is far below the unit roundoff.
  template <class T>
  static double small() {
    return std::sqrt(unit_roundoff<T>()) * 0x1p-14;
  }
  template <class T>
  static double number(const T& x) {
    using namespace math;
    return to_double(x);
  }
  template <class T>
  struct Quotient {
    const Perturbation<T, Complex<T>>& probe;
    const Coordinates& at;
    double largest = 0;  ///< imaginary part over real part (or 1), of all numbers on the way

    Vector<T> with(double step) {
      Vector<Complex<T>> displaced(at.count);
      for (Index k = 0; k < at.count; ++k) displaced(k) = Complex<T>{probe.value(at, k), T(step)};
      const Vector<Complex<T>> losses =
          probe.losses(at, displaced, nullptr, [&](const Vector<Complex<T>>& on_the_way) { look_at(on_the_way); });
      Vector<T> quotients(at.count);
      for (Index k = 0; k < at.count; ++k) quotients(k) = losses(k).im / T(step);
      return quotients;
    }
    void look_at(const Vector<Complex<T>>& numbers) {
      for (Index i = 0; i < numbers.size(); ++i) {
        const double im = std::abs(number(numbers(i).im)), re = std::abs(number(numbers(i).re));
        if (im == 0) continue;
        const double ratio = im / std::min(re, 1.0);
        largest = std::isnan(ratio) ? std::numeric_limits<double>::infinity() : std::max(largest, ratio);
      }
    }
  };
};

}  // namespace backprove
