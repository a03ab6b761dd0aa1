#include "core/scalars/interval.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace backprove {

// Boost's operators on numbers of unequal precision change the default precision of the whole process for a moment,
// which other threads would see: so every Wide that leaves here has the default precision, and the rest is done in
// MPFR.

namespace {

/// An MPFR number of its own, with a given precision.
class Scratch {
 public:
  explicit Scratch(mpfr_prec_t bits) { mpfr_init2(number, bits); }
  ~Scratch() { mpfr_clear(number); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  mpfr_ptr get() { return number; }

 private:
  mpfr_t number;
};

}  // namespace

Wide Interval::in_wide(mpfr_srcptr endpoint, mpfr_rnd_t direction) {
  Wide value(0);
  mpfr_set(value.backend().data(), endpoint, direction);
  return value;
}

Wide Interval::midpoint() const {
  Wide value(0);
  mpfi_mid(value.backend().data(), range);
  return value;
}

bool Interval::contains(const Wide& x, double slack) const {
  if (is_nan() || !(slack >= 0)) return false;
  Scratch edge(mpfi_get_prec(range));
  mpfr_sub_d(edge.get(), &range->left, slack, MPFR_RNDD);
  if (mpfr_lessequal_p(edge.get(), x.backend().data()) == 0) return false;
  mpfr_add_d(edge.get(), &range->right, slack, MPFR_RNDU);
  return mpfr_lessequal_p(x.backend().data(), edge.get()) != 0;
}

double Interval::width_double() const {
  Scratch width(mpfi_get_prec(range));
  mpfi_diam_abs(width.get(), range);
  return mpfr_get_d(width.get(), MPFR_RNDU);
}

double Interval::magnitude_double() const {
  Scratch magnitude(mpfi_get_prec(range));
  mpfi_mag(magnitude.get(), range);
  return mpfr_get_d(magnitude.get(), MPFR_RNDU);
}

double Interval::farthest_double(const Wide& x) const {
  Scratch distance(mpfi_get_prec(range));
  const auto rounded_up = [&](mpfr_srcptr larger, mpfr_srcptr smaller) {
    mpfr_sub(distance.get(), larger, smaller, MPFR_RNDU);
    const double d = mpfr_get_d(distance.get(), MPFR_RNDU);
    return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  };
  const auto* const number = x.backend().data();
  return std::max({rounded_up(&range->right, number), rounded_up(number, &range->left), 0.0});
}

// MPFI finds the quadrant of an endpoint with as many bits as its exponent says, which for a vast one, or a tiny one
// below 0, takes longer than anybody waits: so it is asked only in between.
namespace {

/// Both endpoints within [-1, 1], where sine rises and cosine falls with |x|.
bool within_one(const Interval& x) {
  return mpfr_cmp_si(&x.get()->left, -1) >= 0 && mpfr_cmp_si(&x.get()->right, 1) <= 0;
}

bool ordinary(mpfr_srcptr endpoint) {
  return mpfr_zero_p(endpoint) != 0 || (mpfr_regular_p(endpoint) != 0 && std::abs(mpfr_get_exp(endpoint)) <= 1000);
}
bool ordinary(const Interval& x) { return ordinary(&x.get()->left) && ordinary(&x.get()->right); }

Interval from_minus_one_to_one() {
  Interval result;
  mpfi_interv_si(result.get(), -1, 1);
  return result;
}

}  // namespace

Interval sin(const Interval& x) {
  if (x.is_nan()) return x;
  if (within_one(x)) return Interval::increasing(mpfr_sin, x);
  return ordinary(x) ? Interval::apply(mpfi_sin, x) : from_minus_one_to_one();
}

Interval cos(const Interval& x) {
  if (x.is_nan()) return x;
  if (within_one(x)) return Interval::falling(mpfr_cos, Interval::apply(mpfi_abs, x));
  return ordinary(x) ? Interval::apply(mpfi_cos, x) : from_minus_one_to_one();
}

namespace {

/// How many terms of the continued fraction below give so many bits, up to `most`. With t_k = x + (k + 1)/(2 t_(k+1)),
/// the k-th of them shrinks what is left about (k/2)/t_k^2 times.
Index terms_of_erfc(mpfr_srcptr point, mpfr_prec_t bits, Index most) {
  const double x = mpfr_get_d(point, MPFR_RNDD), enough = static_cast<double>(bits + 16) * std::log(2.0);
  double shrunk = 0;
  for (Index k = 1; k < most; ++k) {
    const double half = static_cast<double>(k) / 2, t = (x + std::sqrt(x * x + 4 * half)) / 2;
    shrunk += std::log(t * t / half);
    if (shrunk > enough) return k;
  }
  return most;
}

/// e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))), x > 0. What follows n terms lies between x and
/// x + (n + 1)/(2 x), since all that follows is positive and each is at least x.
Interval erfc_of_large(mpfr_srcptr point, mpfr_prec_t bits, Index terms) {
  Interval result;
  {
    const PrecisionScope more(static_cast<unsigned>(bits) + 64);
    Interval x, tail;
    mpfi_set_fr(x.get(), point);
    tail = Interval(static_cast<int>(terms + 1)) / (Interval(2) * x) + x;
    mpfr_set(&tail.get()->left, &x.get()->left, MPFR_RNDD);
    for (Index n = terms; n >= 1; --n) tail = x + Interval(static_cast<int>(n)) / (Interval(2) * tail);
    tail = exp(-(x * x)) / (sqrt(math::Constants<Interval>::pi()) * tail);
    mpfi_set(result.get(), tail.get());
  }
  return result;
}

}  // namespace

Interval erfc(const Interval& x) {
  if (x.is_nan()) return x;
  const mpfr_prec_t bits = mpfi_get_prec(x.get());
  const auto of_point = [bits](mpfr_srcptr point) {
    Interval exact;
    mpfi_set_fr(exact.get(), point);
    const Interval positive = mpfr_sgn(point) < 0 ? -exact : exact;
    mpfr_srcptr at = &positive.get()->left;
    const Index most = bits / 2;
    const bool large = mpfr_cmp_ui(at, 4) > 0 && mpfr_cmp_ui(at, 1000000) < 0;
    const Index terms = large ? terms_of_erfc(at, bits, most) : most;
    if (terms == most) return Interval::falling(mpfr_erfc, exact);
    const Interval tail = erfc_of_large(at, bits, terms);
    return mpfr_sgn(point) < 0 ? Interval(2) - tail : tail;
  };
  Interval result = of_point(&x.get()->left);
  mpfi_union(result.get(), result.get(), of_point(&x.get()->right).get());
  return result;
}

Interval softplus(const Interval& x) {
  const auto of_point = [](mpfr_srcptr endpoint) {
    Interval point;
    mpfi_set_fr(point.get(), endpoint);
    return point.positive() ? point + log1p(exp(-point)) : log1p(exp(point));
  };
  if (x.is_nan()) return x;
  Interval result = of_point(&x.get()->left);
  mpfi_union(result.get(), result.get(), of_point(&x.get()->right).get());
  return result;
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

Interval jump_of(const Interval& x) {
  Interval result(0);
  if (x.is_nan() || mpfi_has_zero(x.get()) > 0) {
    mpfr_set_inf(&result.get()->left, -1);
    mpfr_set_inf(&result.get()->right, 1);
  }
  return result;
}

Interval larger(const Interval& a, const Interval& b) {
  if (a.is_nan()) return a;
  Scratch middle_a(mpfi_get_prec(a.get())), middle_b(mpfi_get_prec(b.get()));
  mpfi_mid(middle_a.get(), a.get());
  mpfi_mid(middle_b.get(), b.get());
  return mpfr_greater_p(middle_a.get(), middle_b.get()) != 0 ? a : b;
}

Interval detach(const Interval& x) {
  Interval result;
  mpfi_mid(&result.get()->left, x.get());
  mpfr_set(&result.get()->right, &result.get()->left, MPFR_RNDN);
  return result;
}

}  // namespace backprove
