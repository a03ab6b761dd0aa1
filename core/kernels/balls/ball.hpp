#pragma once

#include <arb.h>
#include <arb_hypgeom.h>

#include "core/scalars/interval.hpp"
#include "core/scalars/taped.hpp"
#include "core/types.hpp"

namespace backprove {

/// [midpoint - radius, midpoint + radius] of Arb: every operation's result contains the exact result for all numbers of
/// its arguments (Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic"). The
/// working precision is that of intervals (PrecisionScope). There are no comparisons. Data come in exactly.
class Ball {
 public:
  Ball() { arb_init(ball); }
  Ball(int x) { arb_init(ball), arb_set_si(ball, x); }    // NOLINT(google-explicit-constructor)
  Ball(double x) { arb_init(ball), arb_set_d(ball, x); }  // NOLINT(google-explicit-constructor)
  Ball(const Ball& b) { arb_init(ball), arb_set(ball, b.ball); }
  Ball(Ball&& b) noexcept { arb_init(ball), arb_swap(ball, b.ball); }
  Ball& operator=(const Ball& b) { return arb_set(ball, b.ball), *this; }
  Ball& operator=(Ball&& b) noexcept { return arb_swap(ball, b.ball), *this; }
  ~Ball() { arb_clear(ball); }

  Ball& operator+=(const Ball& b) { return arb_add(ball, ball, b.ball, bits()), *this; }
  Ball& operator-=(const Ball& b) { return arb_sub(ball, ball, b.ball, bits()), *this; }
  Ball& operator*=(const Ball& b) { return arb_mul(ball, ball, b.ball, bits()), *this; }
  Ball& operator/=(const Ball& b) { return arb_div(ball, ball, b.ball, bits()), *this; }
  friend Ball operator+(const Ball& a, const Ball& b) { return apply(arb_add, a, b); }
  friend Ball operator-(const Ball& a, const Ball& b) { return apply(arb_sub, a, b); }
  friend Ball operator*(const Ball& a, const Ball& b) { return apply(arb_mul, a, b); }
  friend Ball operator/(const Ball& a, const Ball& b) { return apply(arb_div, a, b); }
  friend Ball operator-(const Ball& a) {
    Ball result;
    arb_neg(result.ball, a.ball);
    return result;
  }

  /// An Arb function of one or two balls, as a new ball.
  template <class F, class... A>
  static Ball apply(F* function, const A&... arguments) {
    Ball result;
    function(result.ball, arguments.ball..., bits());
    return result;
  }
  static slong bits() { return static_cast<slong>(interval_bits()); }

  arb_srcptr get() const { return ball; }
  arb_ptr get() { return ball; }
  bool finite() const { return arb_is_finite(ball) != 0; }
  bool positive() const { return arb_is_positive(ball) != 0; }
  bool negative() const { return arb_is_negative(ball) != 0; }
  bool nonnegative() const { return arb_is_nonnegative(ball) != 0; }
  bool nonpositive() const { return arb_is_nonpositive(ball) != 0; }

  /// The narrowest interval of the working precision around the ball; NaN for what is no number.
  Interval interval() const {
    Interval result;
    arb_get_interval_mpfr(&result.get()->left, &result.get()->right, ball);
    return result;
  }

 private:
  arb_t ball;
};

// clang-format off
inline Ball exp(const Ball& x) { return Ball::apply(arb_exp, x); }
inline Ball expm1(const Ball& x) { return Ball::apply(arb_expm1, x); }
inline Ball log(const Ball& x) { return Ball::apply(arb_log, x); }
inline Ball log1p(const Ball& x) { return Ball::apply(arb_log1p, x); }
inline Ball sqrt(const Ball& x) { return Ball::apply(arb_sqrt, x); }
inline Ball sin(const Ball& x) { return Ball::apply(arb_sin, x); }
inline Ball cos(const Ball& x) { return Ball::apply(arb_cos, x); }
inline Ball atan(const Ball& x) { return Ball::apply(arb_atan, x); }
inline Ball tanh(const Ball& x) { return Ball::apply(arb_tanh, x); }
inline Ball erf(const Ball& x) { return Ball::apply(arb_hypgeom_erf, x); }
inline Ball erfc(const Ball& x) { return Ball::apply(arb_hypgeom_erfc, x); }
/// The midpoint: a constant near the value.
inline Ball detach(const Ball& x) { Ball result; arb_get_mid_arb(result.get(), x.get()); return result; }
inline double to_double(const Ball& x) { return arf_get_d(arb_midref(x.get()), ARF_RND_NEAR); }
// clang-format on

/// With e^x in the numerator where x < 0, so that nothing overflows.
inline Ball sigmoid(const Ball& x) {
  if (!x.negative()) return Ball(1) / (Ball(1) + exp(-x));
  const Ball e = exp(x);
  return e / (Ball(1) + e);
}
inline Ball softplus(const Ball& x) { return x.positive() ? x + log1p(exp(-x)) : log1p(exp(x)); }
inline Ball max0(const Ball& x) {
  if (x.nonnegative() || !x.finite()) return x;
  if (x.nonpositive()) return 0;
  Ball hull;  // [0, upper]
  arf_t zero, upper;
  arf_init(zero), arf_init(upper);
  arb_get_ubound_arf(upper, x.get(), Ball::bits());
  arb_set_interval_arf(hull.get(), zero, upper, Ball::bits());
  arf_clear(zero), arf_clear(upper);
  return hull;
}
inline Ball min0(const Ball& x) { return -max0(-x); }
/// 0 if x <= 0, 1 if x > 0, else [0, 1].
inline Ball step(const Ball& x) {
  if (!x.finite()) return x;
  if (x.positive()) return 1;
  Ball hull(0);
  if (x.nonpositive()) return hull;
  arb_set_si(hull.get(), 1);
  mag_one(arb_radref(hull.get()));
  arb_mul_2exp_si(hull.get(), hull.get(), -1);  // exact
  return hull;
}
/// The derivative of `step`: 0 where 0 is not in x, else all real numbers. Of balls only, not of what becomes one.
template <std::same_as<Ball> T>
Ball jump(const T& x) {
  Ball result(0);
  if (!x.finite() || arb_contains_zero(x.get()) != 0) arb_zero_pm_inf(result.get());
  return result;
}
/// The one with the larger midpoint.
inline Ball larger(const Ball& a, const Ball& b) {
  return !a.finite() || arf_cmp(arb_midref(a.get()), arb_midref(b.get())) > 0 ? a : b;
}

template <>
struct math::Constants<Ball> {
  static Ball pi() {
    Ball result;
    arb_const_pi(result.get(), Ball::bits());
    return result;
  }
  static Ball sqrt2() { return sqrt(Ball(2)); }
};

template <>
inline constexpr bool encloses<Ball> = true;

}  // namespace backprove

template <>
struct Eigen::NumTraits<backprove::Ball> : Eigen::NumTraits<double> {
  using Real = backprove::Ball;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 8, AddCost = 32, MulCost = 64 };
};
