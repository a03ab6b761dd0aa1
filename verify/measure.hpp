#pragma once

#include "verify/certificate.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// How a gradient differs from the reference; measured, not judged. NaN or infinity where the reference is finite
/// counts as an infinite error.
struct Error {
  double max_absolute = 0;
  double max_relative = 0;    ///< worst block that is not zero: largest error over its largest |reference|
  double bound_relative = 0;  ///< the same with the largest bound
  double over_bound = 0;      ///< worst entry: error over its own bound (0/0 = 0)
  Index worst = 0;            ///< the entry of over_bound
  Index nonfinite = 0;
  Index outside = 0;      ///< entries outside the enclosure widened by the bound
  Index zero_blocks = 0;  ///< blocks that may be exactly zero: no error is large or small compared with them
  Index judged = 0;       ///< entries compared, all but:
  Index kinked = 0;       ///< entries left out because their perturbation crosses a kink
  Index irregular = 0;    ///< entries left out because their truncation cannot be estimated
};

/// |got - reference| of every entry in high precision. If there is no bound, nothing is divided by it.
Error measure(Certificate& certificate, const Outcome& got, const Tolerance& tolerance,
              const std::vector<Block>& blocks);

/// Largest |a - b| over the sum of the bounds, entries left out in either left out.
double pair_over_bound(const Outcome& a, const Tolerance& of_a, const Outcome& b, const Tolerance& of_b);

/// |a - b|, rounded to double.
double distance(const Wide& a, const Wide& b);

/// error / bound with 0/0 = 0 and NaN = infinity; 0 for an infinite bound, which no error exceeds.
double ratio(double error, double bound);

}  // namespace backprove
