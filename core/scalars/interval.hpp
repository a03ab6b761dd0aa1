#pragma once

#include <mpfi.h>

#include <utility>

#include "core/scalars/multiprecision.hpp"
#include "core/types.hpp"

namespace backprove {

/// This thread's working precision in bits for new intervals.
inline thread_local unsigned thread_interval_bits = 192;
inline unsigned interval_bits() { return thread_interval_bits; }

/// Sets the precision while it lives.
class PrecisionScope {
 public:
  explicit PrecisionScope(unsigned bits) : before(thread_interval_bits) { thread_interval_bits = bits; }
  ~PrecisionScope() { thread_interval_bits = before; }
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  unsigned before;
};

/// [lower, upper], rounded outward by every operation (MPFI), so that the exact result of the same operations on any
/// numbers of the arguments lies inside. There are no comparisons. Data come in exactly.
class Interval {
 public:
  Interval() { mpfi_init2(range, interval_bits()), mpfi_set_si(range, 0); }
  Interval(int x) { mpfi_init2(range, interval_bits()), mpfi_set_si(range, x); }  // NOLINT(google-explicit-constructor)
  Interval(double x) {
    mpfi_init2(range, interval_bits()), mpfi_set_d(range, x);
  }  // NOLINT(google-explicit-constructor)
  Interval(const Interval& b) { mpfi_init2(range, mpfi_get_prec(b.range)), mpfi_set(range, b.range); }
  /// Leaves an interval without memory behind, which only takes assignments and its end.
  Interval(Interval&& b) noexcept {
    range[0] = b.range[0];
    b.range[0].left._mpfr_d = nullptr;
  }
  Interval& operator=(const Interval& b) {
    if (this != &b) {
      Interval copy(b);
      std::swap(range[0], copy.range[0]);
    }
    return *this;
  }
  Interval& operator=(Interval&& b) noexcept {
    std::swap(range[0], b.range[0]);
    return *this;
  }
  ~Interval() {
    if (range[0].left._mpfr_d) mpfi_clear(range);
  }

  Interval& operator+=(const Interval& b) { return mpfi_add(range, range, b.range), *this; }
  Interval& operator-=(const Interval& b) { return mpfi_sub(range, range, b.range), *this; }
  Interval& operator*=(const Interval& b) { return mpfi_mul(range, range, b.range), *this; }
  Interval& operator/=(const Interval& b) { return mpfi_div(range, range, b.range), *this; }
  friend Interval operator+(const Interval& a, const Interval& b) { return apply(mpfi_add, a, b); }
  friend Interval operator-(const Interval& a, const Interval& b) { return apply(mpfi_sub, a, b); }
  friend Interval operator*(const Interval& a, const Interval& b) { return apply(mpfi_mul, a, b); }
  friend Interval operator/(const Interval& a, const Interval& b) { return apply(mpfi_div, a, b); }
  friend Interval operator-(const Interval& a) { return apply(mpfi_neg, a); }

  /// An MPFI function of one or two intervals, as a new interval.
  template <class F, class... A>
  static Interval apply(F* function, const A&... arguments) {
    Interval result;
    function(result.range, arguments.range...);
    return result;
  }
  /// [f(lower) rounded down, f(upper) rounded up] of an increasing MPFR function; for a falling one the other way
  /// round.
  template <class F>
  static Interval increasing(F* function, const Interval& x) {
    Interval result;
    function(&result.range->left, &x.range->left, MPFR_RNDD);
    function(&result.range->right, &x.range->right, MPFR_RNDU);
    return result;
  }
  template <class F>
  static Interval falling(F* function, const Interval& x) {
    Interval result;
    function(&result.range->left, &x.range->right, MPFR_RNDD);
    function(&result.range->right, &x.range->left, MPFR_RNDU);
    return result;
  }

  /// The narrowest interval of the working precision around a number.
  static Interval around(const Wide& x) {
    Interval result;
    mpfi_set_fr(result.range, x.backend().data());
    return result;
  }

  mpfi_srcptr get() const { return range; }
  mpfi_ptr get() { return range; }
  bool is_nan() const { return mpfi_nan_p(range) != 0; }
  bool positive() const { return mpfr_sgn(&range->left) > 0; }
  bool nonpositive() const { return mpfr_sgn(&range->right) <= 0; }

  /// The endpoints, rounded outward to the digits of Wide; for people.
  Wide lower() const { return in_wide(&range->left, MPFR_RNDD); }
  Wide upper() const { return in_wide(&range->right, MPFR_RNDU); }
  /// A number in the middle, rounded to the digits of Wide.
  Wide midpoint() const;
  /// Whether lower - slack <= x <= upper + slack: exact for slack 0, else the sums are rounded outward.
  bool contains(const Wide& x, double slack = 0) const;
  /// upper - lower and the largest |x|, rounded up to double.
  double width_double() const;
  double magnitude_double() const;
  /// The largest distance from x to a number of the interval, rounded up to double; infinite for NaN.
  double farthest_double(const Wide& x) const;

 private:
  mpfi_t range;

  static Wide in_wide(mpfr_srcptr endpoint, mpfr_rnd_t direction);
};

inline Wide to_wide(const Interval& x) { return x.midpoint(); }

// clang-format off
inline Interval exp(const Interval& x) { return Interval::apply(mpfi_exp, x); }
inline Interval expm1(const Interval& x) { return Interval::apply(mpfi_expm1, x); }
inline Interval log(const Interval& x) { return Interval::apply(mpfi_log, x); }
inline Interval log1p(const Interval& x) { return Interval::apply(mpfi_log1p, x); }
inline Interval sqrt(const Interval& x) { return Interval::apply(mpfi_sqrt, x); }
/// [-1, 1] where an endpoint is so large or small that MPFI would not come to an end.
Interval sin(const Interval& x);
Interval cos(const Interval& x);
inline Interval atan(const Interval& x) { return Interval::apply(mpfi_atan, x); }
inline Interval tanh(const Interval& x) { return Interval::apply(mpfi_tanh, x); }
/// The packaged mpfi_erf aborts on some arguments; MPFR's functions round as directed.
inline Interval erf(const Interval& x) { return Interval::increasing(mpfr_erf, x); }
/// For large x by its continued fraction: MPFR's takes a time that grows with x.
Interval erfc(const Interval& x);
inline Interval sigmoid(const Interval& x) { return Interval(1) / (Interval(1) + exp(-x)); }
/// Of an increasing function the endpoints suffice; x + log1p(e^-x) where x > 0, so that nothing overflows.
Interval softplus(const Interval& x);
Interval max0(const Interval& x);
Interval min0(const Interval& x);
/// [0, 0] if x <= 0, [1, 1] if x > 0, else [0, 1].
Interval step(const Interval& x);
/// The derivative of `step`: 0 where 0 is not in x, else all real numbers. Of intervals only, not of what becomes one.
Interval jump_of(const Interval& x);
template <std::same_as<Interval> T>
Interval jump(const T& x) {
  return jump_of(x);
}
/// The one with the larger midpoint.
Interval larger(const Interval& a, const Interval& b);
/// The midpoint: a constant near the value, for shifts that the result does not depend on.
Interval detach(const Interval& x);
inline double to_double(const Interval& x) { return mpfi_get_d(x.get()); }
// clang-format on

template <>
struct math::Constants<Interval> {
  static Interval pi() {
    Interval result;
    mpfi_const_pi(result.get());
    return result;
  }
  static Interval sqrt2() { return sqrt(Interval(2)); }
};

}  // namespace backprove

template <>
struct Eigen::NumTraits<backprove::Interval> : Eigen::NumTraits<double> {
  using Real = backprove::Interval;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 8, AddCost = 32, MulCost = 64 };
};
