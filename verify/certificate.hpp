#pragma once

#include <atomic>
#include <mutex>

#include "core/certified.hpp"
#include "verify/limits.hpp"
#include "verify/problem.hpp"

namespace backprove {

/// What is known for certain about one problem's gradient: high-precision values with a bound of their own error, and
/// intervals that contain the exact gradient. Made at most once, when first asked for.
class Certificate {
 public:
  Certificate(const SpecifiedProblem& of, const Limits& within, bool input_gradient);

  /// Empty, or why there is no reference.
  const std::string& reference_missing() const { return no_reference; }
  const std::string& enclosure_missing() const { return no_enclosure; }

  /// True for all but the first who asks: somebody else is making the certificate, or has made it.
  bool claimed() { return taken.exchange(true); }

  const Gradient<Wide>& reference();
  /// How far every reference entry may be from the exact one: the running error of the same tape, or the distance to
  /// the farther end of the enclosure, whichever is less.
  const Vector<double>& reference_error();
  const Gradient<Interval>& enclosure();
  /// Entry i of the flat gradient (parameters, then inputs).
  Wide reference_entry(Index i) { return flat_entry(reference(), i); }
  const Interval& enclosure_entry(Index i) { return flat_entry(enclosure(), i); }

  template <class T>
  static const T& flat_entry(const Gradient<T>& gradient, Index i) {
    const Index k = i - gradient.parameters.size();
    return k < 0 ? gradient.parameters(i) : gradient.input.data()[k];
  }

 private:
  const SpecifiedProblem& problem;
  Options options;
  std::string no_reference, no_enclosure;
  std::once_flag made_reference, made_enclosure;
  std::atomic<bool> taken = false;
  Gradient<Wide> values;
  Vector<double> error;
  Gradient<Interval> intervals;

  Problem<double> in_double() const;
};

}  // namespace backprove
