#pragma once

#include <cmath>

#include "core/perturbation.hpp"

/// What the difference strategies share: steps, and the sweep over all coordinates.
namespace backprove {

/// A power of two near `relative` times max(1, |x|): x + h and h keep few digits, so that the step is nearly exact.
inline double step_size(double x, double relative) {
  return std::exp2(std::round(std::log2(relative)) + std::max(0, x == 0 ? 0 : std::ilogb(x)));
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

/// Calls piece(probe, coordinates, whole loss, gradient) for every piece of all coordinates, in parallel, with room
/// made for the estimates that come with a difference quotient.
template <class S, class T, class F>
Prepared<T> prepare_differences(const Problem<T>& problem, const Options& options, F piece) {
  return [problem, options, piece](Gradient<T>& gradient) {
    const Vector<T> workspace = tape_of(problem, gradient.loss);
    const Index size = gradient.parameters.size() + gradient.input.size();
    gradient.truncation = Vector<double>::Zero(size);
    gradient.step = Vector<double>::Zero(size);
    gradient.kinked = Vector<signed char>::Zero(size);
    const Perturbation<T, S> probe(problem, workspace);
    const std::vector<Coordinates> pieces = probe.pieces(gradient.input.size() > 0);
    map_chunks(static_cast<Index>(pieces.size()), 1, options.threads, [&](Index c, Index, Index) {
      piece(probe, pieces[static_cast<std::size_t>(c)], gradient.loss, gradient);
    });
  };
}

}  // namespace backprove
