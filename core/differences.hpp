#pragma once

#include <cmath>
#include <limits>

#include "core/perturbation.hpp"
#include "core/scalars/traits.hpp"

/// What the difference strategies share: steps, and the sweep over all coordinates.
namespace backprove {

/// A power of two near `relative` times max(1, |x|): x + h and h keep few digits, so that the step is nearly exact.
inline double step_size(double x, double relative) {
  return std::exp2(std::round(std::log2(relative)) + std::max(0, x == 0 ? 0 : std::ilogb(x)));
}

/// The relative step that balances truncation and rounding of a method: unit roundoff to the given power.
template <class T>
double relative_step(const Options& options, double power) {
  const double u = options.step_roundoff > 0 ? options.step_roundoff : unit_roundoff<T>();
  return options.step_factor * std::pow(u, power);
}

/// Coordinate k at x + factor * step, as the scalar represents it, and the distance really moved, (x + h) - x.
template <class T>
struct Moved {
  Vector<T> at, distance;

  Moved(const Vector<T>& x, const Vector<double>& step, double factor) : at(x.size()), distance(x.size()) {
    using namespace math;
    for (Index k = 0; k < x.size(); ++k) {
      at(k) = detach(x(k) + T(factor * step(k)));
      distance(k) = detach(at(k) - x(k));
    }
  }
};

/// The values and default steps of a piece's coordinates.
template <class T, class S>
std::pair<Vector<T>, Vector<double>> values_and_steps(const Perturbation<T, S>& probe, const Coordinates& at,
                                                      double relative) {
  using namespace math;
  Vector<T> x(at.count);
  Vector<double> step(at.count);
  for (Index k = 0; k < at.count; ++k) {
    x(k) = probe.value(at, k);
    step(k) = step_size(to_double(x(k)), relative);
  }
  return {x, step};
}

/// What quotients with steps h, 2h and 4h tell about the first one's truncation, whose leading powers are h^order and
/// h^next (1 and 2 for forward, 2 and 4 for central differences).
struct Truncation {
  double estimate;      ///< distance to the quotient extrapolated twice, and how much the second time changed it
  double irregularity;  ///< see Gradient: the changes should grow 2^order times with the step, half of that is asked

  template <class T>
  Truncation(const T& at_h, const T& at_2h, const T& at_4h, int order, int next) {
    const auto once = number(at_h), twice = number(at_2h), four_times = number(at_4h);
    using N = std::remove_const_t<decltype(once)>;
    const int a = 1 << order, b = 1 << next;
    const N near = (N(a) * once - twice) / N(a - 1), far = (N(a) * twice - four_times) / N(a - 1);
    const N extrapolated = (N(b) * near - far) / N(b - 1);
    // Rounded up: where the loss is a parabola this is the truncation itself.
    estimate = (magnitude(N(once - extrapolated)) + magnitude(N(extrapolated - near))) * (1 + 0x1p-50);
    // Rounding r of the first quotient is r/2 and r/4 of the others: 3/2 r in the first change, 3/4 r in the second.
    irregularity = (0.5 * a * magnitude(N(twice - once)) - magnitude(N(four_times - twice))) / (0.75 * (a + 1));
  }

 private:
  /// In double where that loses nothing: then the estimate is not among the operations that are counted.
  template <class T>
  static auto number(const T& quotient) {
    using namespace math;
    if constexpr (fits_double<T>)
      return to_double(quotient);
    else
      return quotient;
  }
  template <class N>
  static double magnitude(const N& difference) {
    using namespace math;
    const double size = std::abs(to_double(difference));
    return std::isnan(size) ? std::numeric_limits<double>::infinity() : size;
  }
};

/// Calls piece(probe, coordinates, whole loss, gradient) for every piece of all coordinates, in parallel, with room
/// made for the estimates that come with a difference quotient.
template <class S, class T, class F>
Prepared<T> prepare_differences(const Problem<T>& problem, const Options& options, F piece) {
  return [problem, options, piece](Gradient<T>& gradient) {
    const Vector<T> workspace = tape_of(problem, gradient.loss);
    const Index size = gradient.parameters.size() + gradient.input.size();
    gradient.truncation = Vector<double>::Zero(size);
    gradient.step = Vector<double>::Zero(size);
    gradient.irregularity = Vector<double>::Zero(size);
    gradient.kinked = Vector<signed char>::Zero(size);
    const Perturbation<T, S> probe(problem, workspace);
    const std::vector<Coordinates> pieces = probe.pieces(gradient.input.size() > 0);
    map_chunks(static_cast<Index>(pieces.size()), 1, options.threads, [&](Index c, Index, Index) {
      piece(probe, pieces[static_cast<std::size_t>(c)], gradient.loss, gradient);
    });
  };
}

}  // namespace backprove
