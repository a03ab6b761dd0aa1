#include "core/scalars/rational.hpp"

#include <gmp.h>

namespace backprove {

namespace {

/// An integer's limbs, least significant first, as a GMP integer.
void assign(mpz_ptr target, const mp::cpp_int& x) {
  const auto& limbs = x.backend();
  mpz_import(target, limbs.size(), -1, sizeof(*limbs.limbs()), 0, 0, limbs.limbs());
  if (limbs.sign()) mpz_neg(target, target);
}

}  // namespace

Wide to_wide(const Rational& x) {
  mpq_t fraction;
  mpq_init(fraction);
  assign(mpq_numref(fraction), mp::numerator(x));
  assign(mpq_denref(fraction), mp::denominator(x));
  Wide result(0);
  mpfr_set_q(result.backend().data(), fraction, MPFR_RNDN);
  mpq_clear(fraction);
  return result;
}

}  // namespace backprove
