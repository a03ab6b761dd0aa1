#pragma once

#include "verify/certificate.hpp"

namespace backprove {

/// How a gradient differs from the reference; measured, not judged. NaN or infinity where the reference is finite
/// counts as an infinite error.
struct Error {
  double max_absolute = 0;
  double max_relative = 0;    ///< worst block: largest error over the block's largest |reference|
  double bound_relative = 0;  ///< worst block: largest bound over the block's largest |reference|
  double over_bound = 0;      ///< worst entry: error over its own bound (0/0 = 0)
  Index worst = 0;            ///< the entry of over_bound
  Index nonfinite = 0;
  Index outside = 0;  ///< entries outside the enclosure widened by the bound
  Index kinked = 0;   ///< entries left out because their perturbation crosses a kink
};

/// |got - reference| of every entry in high precision. `bound` may be empty: then nothing is divided by it.
Error measure(Certificate& certificate, const Outcome& got, const Vector<double>& bound,
              const std::vector<Block>& blocks);

/// Largest |a - b| over the sum of the bounds, entries kinked in either left out.
double pair_over_bound(const Outcome& a, const Vector<double>& bound_a, const Outcome& b,
                       const Vector<double>& bound_b);

/// error / bound with 0/0 = 0 and NaN = infinity; 0 for an infinite bound, which no error exceeds.
double ratio(double error, double bound);

}  // namespace backprove
