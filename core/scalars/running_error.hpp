#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/math.hpp"
#include "core/scalars/arithmetic.hpp"
#include "core/types.hpp"

/// A double with a bound of the rounding error that the same computation has in a given arithmetic (running error
/// analysis: Wilkinson 1986; Higham 2002, section 3.3).
namespace backprove {

inline thread_local const Arithmetic* thread_arithmetic = &double_arithmetic;
inline const Arithmetic& active_arithmetic() { return *thread_arithmetic; }

/// While it lives, this thread's RunningError numbers bound errors of the given arithmetic.
class ArithmeticScope {
 public:
  explicit ArithmeticScope(const Arithmetic& arithmetic) : before(thread_arithmetic) {
    thread_arithmetic = &arithmetic;
  }
  explicit ArithmeticScope(Arithmetic&&) = delete;  // it must outlive the scope
  ~ArithmeticScope() { thread_arithmetic = before; }
  ArithmeticScope(const ArithmeticScope&) = delete;
  ArithmeticScope& operator=(const ArithmeticScope&) = delete;

 private:
  const Arithmetic* before;
};

/// |exact - v| <= e, and a computation in the active arithmetic (u, eta) that follows the same steps is within e of the
/// exact value too. v itself is computed in double, hence is such a computation for double, and more accurate than one
/// for float. Every term of e is at least proportional to u, so a bound for a smaller u' is at most u'/u times it (but
/// for the error of an uncertain step, which is infinite then). Where the arithmetic may overflow, e is infinite.
struct RunningError {
  double v = 0, e = 0;

  RunningError() = default;
  RunningError(int x) : v(x) {}     // NOLINT(google-explicit-constructor): exact
  RunningError(double x) : v(x) {}  // NOLINT(google-explicit-constructor): data are exact
  RunningError(double x, double error) : v(x), e(error) {}

  /// At least the magnitude of every value in question.
  double most() const { return std::abs(v) + 2 * e; }
  /// At most that of the exact value.
  double least() const { return std::max(0.0, std::abs(v) - 2 * e); }

  RunningError& operator+=(const RunningError& b) { return *this = *this + b; }
  RunningError& operator-=(const RunningError& b) { return *this = *this - b; }
  RunningError& operator*=(const RunningError& b) { return *this = *this * b; }
  RunningError& operator/=(const RunningError& b) { return *this = *this / b; }

  /// The value f with propagated error p, rounded once with a relative error of at most `relative` units of u. The last
  /// factor covers the roundings of the bound itself.
  static RunningError rounded(double f, double p, double relative) {
    const Arithmetic& a = active_arithmetic();
    const double e = (p + relative * a.unit_roundoff * (std::abs(f) + 2 * p) + a.smallest_subnormal) * (1 + 0x1p-48);
    return {f, within(f, e) ? e : std::numeric_limits<double>::infinity()};
  }
  /// Whether neither NaN nor an overflow of the active arithmetic is possible.
  static bool within(double f, double e) { return std::abs(f) + e <= active_arithmetic().largest; }

  friend RunningError operator+(const RunningError& a, const RunningError& b) {
    return rounded(a.v + b.v, a.e + b.e, 1);
  }
  friend RunningError operator-(const RunningError& a, const RunningError& b) {
    return rounded(a.v - b.v, a.e + b.e, 1);
  }
  friend RunningError operator-(const RunningError& a) { return {-a.v, a.e}; }
  friend RunningError operator*(const RunningError& a, const RunningError& b) {
    const double p = (a.e == 0 ? 0 : a.e * std::abs(b.v)) + (b.e == 0 ? 0 : b.e * std::abs(a.v)) + 3 * a.e * b.e;
    return rounded(a.v * b.v, p, 1);
  }
  /// x/y - a/b = ((x - a) - (a/b)(y - b))/y.
  friend RunningError operator/(const RunningError& a, const RunningError& b) {
    const double q = a.v / b.v, least = b.least();
    return rounded(
        q, a.e == 0 && b.e == 0 ? 0 : (a.e + std::abs(q) * b.e) * (1 + 4 * (b.e == 0 ? 0 : b.e / least)) / least, 1);
  }
};

namespace running {

/// f(x) with the given largest |slope| over x.v +- 2 x.e, and a library error of c ulp: 2 c u, or c eta where the
/// result is subnormal. The slope's own rounding, up to |x| <= 745 times u through an exponential, is covered by the
/// 2^-40.
inline RunningError function(double f, double slope, const RunningError& x, double c) {
  RunningError y = RunningError::rounded(f, x.e == 0 ? 0 : slope * x.e * (1 + 0x1p-40), 2 * c);
  y.e += c * active_arithmetic().smallest_subnormal;
  return y;
}
/// The same for a function that other programs may compute as a difference from 1.
inline RunningError beside_one(RunningError y) {
  y.e += active_arithmetic().beside_one * active_arithmetic().unit_roundoff;
  return y;
}
/// Worst error of a function in ulp of the active arithmetic, and never less than that of double's library: v comes
/// from it, and |exact| <= |v| + e must hold for v too, whatever more accurate library the bound is scaled to
/// afterwards.
inline double ulps(double Arithmetic::*function) {
  const Arithmetic& a = active_arithmetic();
  return std::max(a.*function, double_arithmetic.*function * (double_arithmetic.unit_roundoff / a.unit_roundoff));
}
/// The slope of a function whose slope falls with |x|: at the point nearest to 0.
template <class Slope>
double steepest(const RunningError& x, Slope&& slope) {
  return slope(x.least());
}

}  // namespace running

// clang-format off
inline RunningError exp(const RunningError& x) { return running::function(std::exp(x.v), std::exp(x.v + 2 * x.e), x, running::ulps(&Arithmetic::exp)); }
inline RunningError expm1(const RunningError& x) { return running::beside_one(running::function(std::expm1(x.v), std::exp(x.v + 2 * x.e), x, running::ulps(&Arithmetic::expm1))); }
inline RunningError log(const RunningError& x) { return running::function(std::log(x.v), x.v - 2 * x.e > 0 ? 1 / (x.v - 2 * x.e) : std::numeric_limits<double>::infinity(), x, running::ulps(&Arithmetic::log)); }
inline RunningError log1p(const RunningError& x) { return running::function(std::log1p(x.v), 1 + x.v - 2 * x.e > 0 ? 1 / (1 + x.v - 2 * x.e) : std::numeric_limits<double>::infinity(), x, running::ulps(&Arithmetic::log1p)); }
inline RunningError sqrt(const RunningError& x) { return running::function(std::sqrt(x.v), x.v - 2 * x.e > 0 ? 0.5 / std::sqrt(x.v - 2 * x.e) : std::numeric_limits<double>::infinity(), x, 0.5); }
inline RunningError sin(const RunningError& x) { return running::function(std::sin(x.v), 1, x, 2); }
inline RunningError cos(const RunningError& x) { return running::function(std::cos(x.v), std::min(1.0, x.most()), x, 2); }
inline RunningError atan(const RunningError& x) { return running::function(std::atan(x.v), 1, x, 2); }
inline RunningError tanh(const RunningError& x) { return running::function(std::tanh(x.v), running::steepest(x, [](double d) { const double c = std::cosh(d); return 1 / (c * c); }), x, running::ulps(&Arithmetic::tanh)); }
inline RunningError erf(const RunningError& x) { return running::function(std::erf(x.v), running::steepest(x, [](double d) { return 1.1283791670955126 * std::exp(-d * d); }), x, running::ulps(&Arithmetic::erf)); }
inline RunningError erfc(const RunningError& x) { return running::beside_one(running::function(std::erfc(x.v), running::steepest(x, [](double d) { return 1.1283791670955126 * std::exp(-d * d); }), x, running::ulps(&Arithmetic::erfc))); }
/// As math::sigmoid: exp, one addition, one division; relative error (2 c + 2) u, first order, and slack for the second.
inline RunningError sigmoid(const RunningError& x) { return running::beside_one(running::function(math::sigmoid(x.v), running::steepest(x, [](double d) { return math::sigmoid(d) * math::sigmoid(-d); }), x, running::ulps(&Arithmetic::exp) + 1.25)); }
/// As math::softplus: log1p(exp(-|x|)) + max0(x), no cancellation.
inline RunningError softplus(const RunningError& x) { return running::beside_one(running::function(math::softplus(x.v), math::sigmoid(x.v + 2 * x.e), x, running::ulps(&Arithmetic::exp) + running::ulps(&Arithmetic::log1p) + 1)); }
inline RunningError slope_of_expm1(const RunningError& x) { return running::beside_one(exp(x)); }
/// mean(x^2) - mean(x)^2: n + 1 roundings of the first, 2 n + 2 of the second, one of the difference.
inline RunningError variance(RunningError v, const RunningError& mean, std::ptrdiff_t n) {
  const Arithmetic& a = active_arithmetic();
  const double m = mean.most();
  if (a.beside_one > 0) v.e += a.beside_one * a.unit_roundoff * (3.0 * static_cast<double>(n) + 4) * (v.most() + m * m);
  return v;
}
inline RunningError max0(const RunningError& x) { return {math::max0(x.v), x.v + 2 * x.e <= 0 ? 0 : x.e}; }
inline RunningError min0(const RunningError& x) { return {math::min0(x.v), x.v - 2 * x.e >= 0 ? 0 : x.e}; }
/// Off by 1 where the sign of x is not certain.
inline RunningError step(const RunningError& x) { return {math::step(x.v), std::isinf(x.e) ? x.e : x.e > 0 && std::abs(x.v) <= 2 * x.e ? active_arithmetic().uncertain_step : 0.0}; }
inline RunningError larger(const RunningError& a, const RunningError& b) { return a.v > b.v || a.v != a.v ? a : b; }
/// A constant: it is used as a shift that the result does not depend on, so its own error does not matter, unless it
/// may not be finite.
inline RunningError detach(const RunningError& x) { return {x.v, std::isinf(x.e) ? x.e : 0}; }
inline double to_double(const RunningError& x) { return x.v; }
// clang-format on

template <>
struct math::Constants<RunningError> {
  static RunningError pi() { return RunningError::rounded(math::Constants<double>::pi(), 0, 1); }
  static RunningError sqrt2() { return RunningError::rounded(math::Constants<double>::sqrt2(), 0, 1); }
};

}  // namespace backprove

template <>
struct Eigen::NumTraits<backprove::RunningError> : Eigen::NumTraits<double> {
  using Real = backprove::RunningError;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 2, AddCost = 4, MulCost = 8 };
};
