#pragma once

#include <algorithm>

#include "core/scalars/interval.hpp"

namespace backprove {

/// The distance from a number to an interval, 0 inside, rounded up to double.
inline double outside_by(double number, const Interval& exact) {
  mpfr_t gap;
  mpfr_init2(gap, mpfi_get_prec(exact.get()) + 64);
  mpfr_d_sub(gap, number, &exact.get()->right, MPFR_RNDU);
  const double above = mpfr_get_d(gap, MPFR_RNDU);
  mpfr_sub_d(gap, &exact.get()->left, number, MPFR_RNDU);
  const double below = mpfr_get_d(gap, MPFR_RNDU);
  mpfr_clear(gap);
  return std::max({above, below, 0.0});
}

}  // namespace backprove
