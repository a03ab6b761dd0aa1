#pragma once

#include "verify/mutation/checks.hpp"
#include "verify/mutation/path.hpp"

namespace backprove {

/// The checks that look at other paths than the reverse sweep.
template <class T>
class PathChecks {
 public:
  PathChecks(const HostFacts<T>& of, const Path<T>& with) : facts(of), path(with), own(with.vote(of)) {}

  /// The whole gradient against the enclosure, within the strategy's bound.
  CheckResult enclosure() const;
  /// <v, J u + D w> against <J^T v, u> + <D^T v, w> of the stage: dual numbers and written Jacobians against the
  /// reverse step.
  CheckResult duality() const;
  /// All pairs of strategies within the sum of their bounds; who disagrees with most of the others is named.
  CheckResult agreement() const;

  /// All bits that the path gives: the gradient, and the duality's products.
  std::vector<T> bits() const;

 private:
  const HostFacts<T>& facts;
  const Path<T>& path;
  Vote own;
};

extern template class PathChecks<float>;
extern template class PathChecks<double>;

}  // namespace backprove
