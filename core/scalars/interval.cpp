#include "core/scalars/interval.hpp"

#include <cmath>

namespace backprove {

namespace {

/// Decimal digits that hold `bits` bits.
unsigned digits_for(mpfr_prec_t bits) { return static_cast<unsigned>(std::ceil(static_cast<double>(bits) * 0.30103)) + 2; }

}  // namespace

Wide Interval::exactly(mpfr_srcptr endpoint) {
  Wide value(0, digits_for(mpfr_get_prec(endpoint)));
  mpfr_set(value.backend().data(), endpoint, MPFR_RNDN);
  return value;
}

Wide Interval::midpoint() const {
  Wide value(0, digits_for(mpfi_get_prec(range)));
  mpfi_mid(value.backend().data(), range);
  return value;
}

double Interval::width_double() const {
  Wide width(0, digits_for(mpfi_get_prec(range)));
  mpfi_diam_abs(width.backend().data(), range);
  return mpfr_get_d(width.backend().data(), MPFR_RNDU);
}

double Interval::magnitude_double() const {
  Wide magnitude(0, digits_for(mpfi_get_prec(range)));
  mpfi_mag(magnitude.backend().data(), range);
  return mpfr_get_d(magnitude.backend().data(), MPFR_RNDU);
}

Interval max0(const Interval& x) {
  Interval result(x);
  if (mpfr_sgn(&x.get()->left) < 0) mpfr_set_zero(&result.get()->left, 1);
  if (mpfr_sgn(&x.get()->right) < 0) mpfr_set_zero(&result.get()->right, 1);
  return result;
}

Interval min0(const Interval& x) {
  Interval result(x);
  if (mpfr_sgn(&x.get()->left) > 0) mpfr_set_zero(&result.get()->left, 1);
  if (mpfr_sgn(&x.get()->right) > 0) mpfr_set_zero(&result.get()->right, 1);
  return result;
}

Interval step(const Interval& x) {
  if (x.is_nan()) return x;
  if (x.positive()) return 1;
  Interval result(0);
  if (!x.nonpositive()) mpfr_set_ui(&result.get()->right, 1, MPFR_RNDU);
  return result;
}

Interval larger(const Interval& a, const Interval& b) { return a.midpoint() > b.midpoint() || a.is_nan() ? a : b; }

Interval detach(const Interval& x) {
  Interval result;
  mpfi_mid(&result.get()->left, x.get());
  mpfr_set(&result.get()->right, &result.get()->left, MPFR_RNDN);
  return result;
}

}  // namespace backprove
