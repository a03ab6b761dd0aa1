#pragma once

#include <algorithm>
#include <limits>

#include "core/math.hpp"
#include "core/product.hpp"
#include "core/types.hpp"
#include "verify/check/noise.hpp"

/// Monte Carlo arithmetic: numbers of a wide type W to which every operation adds a random error of the size that a
/// rounding in the arithmetic under test may have (noise.hpp). Model: an operation has a relative error u N(0, 1) and,
/// where its result may be subnormal, an absolute one eta N(0, 1); what is exact in every arithmetic (a product with 0,
/// a sum with 0, a difference of equal numbers) has none. An elementary function has one factor 1 + ulp u N(0, 1) that
/// it keeps for the whole run (a library errs the same way everywhere) and one of 1 + 3/4 ulp u N(0, 1) each time. An
/// error of `ulp` ulp is at most 2 ulp u: two standard deviations of the first, always to the same side, or less than
/// three of the second; bars are 7.5 and more. Functions that other programs compute as a difference from 1 have an
/// absolute error u N(0, 1) too, and a variance one of mean(x^2) - mean(x)^2.
///
/// A sum of k products whose partial sums reach up to m in magnitude, in any order (the larger of the positive and the
/// negative terms' sums), has an error u sqrt(k) m N(0, 1), and sqrt(k) eta N(0, 1), for different terms, and one that
/// grows with k for equal terms: what each loses when it is rounded to a grid with the spacing of the numbers near m,
/// as a sequential sum rounds it. The grid's spacing varies from run to run. No order loses more than k/2 spacings, and
/// the share taken of it makes a bar of 7.5 deviations cover that.
namespace backprove {

template <class W>
struct Noisy {
  W v = W(0);

  Noisy() = default;
  Noisy(int x) : v(x) {}                     // NOLINT(google-explicit-constructor): exact
  Noisy(double x) : v(static_cast<W>(x)) {}  // NOLINT(google-explicit-constructor): exact

  static Noisy exact(W x) {
    Noisy result;
    result.v = x;
    return result;
  }
  /// x with `units` rounding errors of a scale, and with that of an underflow.
  static Noisy rounded(W x, W scale, std::uint64_t operands, double units = 1) {
    Noise& noise = thread_noise;
    x += scale * static_cast<W>(units * noise.u * noise.error(operands));
    if (std::abs(x) * static_cast<W>(noise.u) < static_cast<W>(noise.eta))
      x += static_cast<W>(std::max(units, 1.0) * noise.eta * noise.error(operands + 1));
    return exact(x);
  }
  static Noisy function(std::size_t which, W x, W fx) {
    const Noise& noise = thread_noise;
    const W known = fx + fx * static_cast<W>(noise.shared[which]);
    return rounded(known, fx, noise.key(x) + which, noise.own);
  }
  /// The same for a function that other programs may compute as a difference from 1.
  static Noisy beside_one(std::size_t which, W x, W fx) {
    return rounded(function(which, x, fx).v, W(1), thread_noise.key(x) + which + Noise::functions);
  }

  Noisy& operator+=(const Noisy& b) { return *this = *this + b; }
  Noisy& operator-=(const Noisy& b) { return *this = *this - b; }
  Noisy& operator*=(const Noisy& b) { return *this = *this * b; }
  Noisy& operator/=(const Noisy& b) { return *this = *this / b; }
  /// What is lost are the last digits of the smaller one: equal terms lose the same as long as the sum's exponent
  /// stays.
  friend Noisy operator+(const Noisy& a, const Noisy& b) {
    const W sum = a.v + b.v, smaller = std::abs(a.v) < std::abs(b.v) ? a.v : b.v;
    if (smaller == 0 || sum == 0) return exact(sum);
    const std::uint64_t exponent = std::bit_cast<std::uint64_t>(static_cast<double>(std::abs(sum))) >> 52;
    return rounded(sum, std::copysign(sum, smaller), thread_noise.key(smaller) + 7 * exponent);
  }
  friend Noisy operator-(const Noisy& a, const Noisy& b) { return a + -b; }
  friend Noisy operator*(const Noisy& a, const Noisy& b) {
    if (a.v == 0 || b.v == 0) return exact(a.v * b.v);
    return rounded(a.v * b.v, a.v * b.v, thread_noise.key(a.v, b.v));
  }
  friend Noisy operator/(const Noisy& a, const Noisy& b) {
    if (a.v == 0) return exact(a.v / b.v);
    return rounded(a.v / b.v, a.v / b.v, thread_noise.key(a.v) + 3 * thread_noise.key(b.v));
  }
  friend Noisy operator-(const Noisy& a) { return exact(-a.v); }
};

template <class W>
inline constexpr bool sums_in_any_order<Noisy<W>> = true;

/// What the terms of a sum lose, each rounded to a multiple of `spacing`.
template <class W>
W lost_to_grid(const Eigen::Array<W, Eigen::Dynamic, 1>& terms, W spacing) {
  // x + shift - shift is x rounded to an integer, for |x| far below shift = 3/2 of 1/epsilon.
  constexpr W shift = W(1.5) / std::numeric_limits<W>::epsilon();
  const W inverse = 1 / spacing;
  return spacing * (((terms * inverse + shift) - shift) - terms * inverse).sum();
}

/// A term loses a uniform part of a spacing, of deviation 1/sqrt(12), and the spacings are 1/sqrt(2) of the
/// arithmetic's in root mean square: 7.5 deviations of 0.4 are 0.61 a term, where rounding loses 0.5 at most.
inline constexpr double equal_share = 0.4;

template <class W, class EntryA, class EntryB>
Noisy<W> dot(Index length, EntryA&& a, EntryB&& b, const Noisy<W>* start) {
  thread_local Eigen::Array<W, Eigen::Dynamic, 1> terms;
  terms.resize(length + (start ? 1 : 0));
  for (Index k = 0; k < length; ++k) terms(k) = a(k).v * b(k).v;
  if (start) terms(length) = start->v;
  const W sum = terms.sum(), reach = (terms.abs().sum() + std::abs(sum)) / 2;
  const Noise& noise = thread_noise;
  if (noise.u == 0 || !(reach > 0) || !std::isfinite(reach)) return Noisy<W>::exact(sum);
  const std::uint64_t operands = noise.key(sum) + 5 * noise.key(reach);
  const W spacing = std::ldexp(static_cast<W>(2 * noise.u / noise.factor(operands)), std::ilogb(reach));
  const W lost = spacing > std::numeric_limits<W>::min() ? lost_to_grid(terms, spacing) : W(0);
  return Noisy<W>::rounded(sum + static_cast<W>(equal_share) * lost, reach, operands,
                           std::sqrt(static_cast<double>(terms.size())));
}

// clang-format off
template <class W> Noisy<W> exp(const Noisy<W>& x) { return Noisy<W>::function(0, x.v, math::exp(x.v)); }
template <class W> Noisy<W> expm1(const Noisy<W>& x) { return Noisy<W>::beside_one(1, x.v, math::expm1(x.v)); }
template <class W> Noisy<W> log(const Noisy<W>& x) { return Noisy<W>::function(2, x.v, math::log(x.v)); }
template <class W> Noisy<W> log1p(const Noisy<W>& x) { return Noisy<W>::function(3, x.v, math::log1p(x.v)); }
template <class W> Noisy<W> sqrt(const Noisy<W>& x) { return Noisy<W>::rounded(math::sqrt(x.v), math::sqrt(x.v), thread_noise.key(x.v)); }
template <class W> Noisy<W> tanh(const Noisy<W>& x) { return Noisy<W>::function(4, x.v, math::tanh(x.v)); }
template <class W> Noisy<W> erf(const Noisy<W>& x) { return Noisy<W>::function(5, x.v, math::erf(x.v)); }
template <class W> Noisy<W> erfc(const Noisy<W>& x) { return Noisy<W>::beside_one(6, x.v, math::erfc(x.v)); }
template <class W> Noisy<W> sigmoid(const Noisy<W>& x) { return Noisy<W>::beside_one(7, x.v, math::sigmoid(x.v)); }
template <class W> Noisy<W> softplus(const Noisy<W>& x) { return Noisy<W>::beside_one(8, x.v, math::softplus(x.v)); }
template <class W> Noisy<W> slope_of_expm1(const Noisy<W>& x) { return Noisy<W>::beside_one(0, x.v, math::exp(x.v)); }
template <class W> Noisy<W> max0(const Noisy<W>& x) { return Noisy<W>::exact(math::max0(x.v)); }
template <class W> Noisy<W> min0(const Noisy<W>& x) { return Noisy<W>::exact(math::min0(x.v)); }
template <class W> Noisy<W> step(const Noisy<W>& x) { return Noisy<W>::exact(math::step(x.v)); }
template <class W> Noisy<W> larger(const Noisy<W>& a, const Noisy<W>& b) { return math::larger(a.v, b.v) == a.v ? a : b; }
template <class W> Noisy<W> detach(const Noisy<W>& x) { return x; }
template <class W> double to_double(const Noisy<W>& x) { return static_cast<double>(x.v); }
// clang-format on

/// mean(x^2) - mean(x)^2: two sums of n, the second one twice. Never negative: programs see to that.
template <class W>
Noisy<W> variance(const Noisy<W>& v, const Noisy<W>& mean, std::ptrdiff_t n) {
  const W squares = v.v + mean.v * mean.v;
  return max0(Noisy<W>::rounded(v.v, squares, thread_noise.key(squares), std::sqrt(static_cast<double>(n)) / 2 + 1));
}

template <class W>
struct math::Constants<Noisy<W>> {
  static Noisy<W> pi() { return rounded(math::Constants<W>::pi()); }
  static Noisy<W> sqrt2() { return rounded(math::Constants<W>::sqrt2()); }

 private:
  static Noisy<W> rounded(W x) { return Noisy<W>::rounded(x, x, thread_noise.key(x)); }
};

}  // namespace backprove

template <class W>
struct Eigen::NumTraits<backprove::Noisy<W>> : Eigen::NumTraits<W> {
  using Real = backprove::Noisy<W>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 2, AddCost = 8, MulCost = 8 };
};
