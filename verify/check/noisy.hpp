#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "core/math.hpp"
#include "core/product.hpp"
#include "core/types.hpp"

/// Monte Carlo arithmetic: numbers of a wide type W to which every operation adds a random error of the size that a
/// rounding in the arithmetic under test may have. Model: an operation has a relative error u N(0, 1) and an absolute
/// one eta N(0, 1); a sum of k products u sqrt(k) |a|^T |b| N(0, 1) + k eta N(0, 1), which covers sequential sums; an
/// elementary function one factor 1 + ulp u N(0, 1) that it keeps for the whole run (a library errs the same way
/// everywhere) and one of 1 + 3/4 ulp u N(0, 1) each time. An error of `ulp` ulp is at most 2 ulp u: two standard
/// deviations of the first, always to the same side, or less than three of the second; bars are eight and more.
/// Functions that other programs compute as a difference from 1 have an absolute error u N(0, 1) too.
namespace backprove {

/// The arithmetic to imitate, and this run's random numbers.
struct Noise {
  double u = 0, eta = 0;
  std::uint64_t state[4] = {1, 2, 3, 4};
  double shared[10] = {};  ///< one factor a function: ulp u N(0, 1)
  double own = 0;          ///< of a function's error each time, in rounding errors: 3/4 ulp

  /// SplitMix64 fills the state of xoshiro256**.
  void start(double unit_roundoff, double smallest, double ulp, std::uint64_t seed) {
    u = unit_roundoff;
    eta = smallest;
    for (std::uint64_t& word : state) {
      seed += 0x9e3779b97f4a7c15u;
      std::uint64_t z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      word = z ^ (z >> 31);
    }
    for (double& factor : shared) factor = ulp * u * normal();
    own = 0.75 * ulp;
  }
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state[1] * 5, 7) * 9, t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = std::rotl(state[3], 45);
    return result;
  }
  /// Nearly normal, mean 0 and variance 1: the number of ones among 64 random bits, and a uniform number that fills
  /// the gaps between its values.
  double normal() {
    const double ones = std::popcount(bits()) - 32;
    const double fill = static_cast<double>(static_cast<std::int64_t>(bits() >> 11)) * 0x1p-53 - 0.5;
    return (ones + fill) * 0.2497;  // variance 16 + 1/12
  }
};

inline thread_local Noise thread_noise;

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
  /// x with the error of one rounding, `terms` times as large.
  static Noisy rounded(W x, W scale) {
    Noise& noise = thread_noise;
    return exact(x + scale * static_cast<W>(noise.u * noise.normal()) + static_cast<W>(noise.eta * noise.normal()));
  }
  static Noisy rounded(W x) { return rounded(x, x); }
  static Noisy function(int which, W x) {
    const Noise& noise = thread_noise;
    return rounded(x + x * static_cast<W>(noise.shared[which]), x * static_cast<W>(noise.own));
  }

  /// The same for a function that other programs may compute as a difference from 1.
  static Noisy beside_one(int which, W x) {
    Noise& noise = thread_noise;
    return exact(function(which, x).v + static_cast<W>(noise.u * noise.normal()));
  }

  Noisy& operator+=(const Noisy& b) { return *this = *this + b; }
  Noisy& operator-=(const Noisy& b) { return *this = *this - b; }
  Noisy& operator*=(const Noisy& b) { return *this = *this * b; }
  Noisy& operator/=(const Noisy& b) { return *this = *this / b; }
  friend Noisy operator+(const Noisy& a, const Noisy& b) { return rounded(a.v + b.v); }
  friend Noisy operator-(const Noisy& a, const Noisy& b) { return rounded(a.v - b.v); }
  friend Noisy operator*(const Noisy& a, const Noisy& b) { return rounded(a.v * b.v); }
  friend Noisy operator/(const Noisy& a, const Noisy& b) { return rounded(a.v / b.v); }
  friend Noisy operator-(const Noisy& a) { return exact(-a.v); }
};

template <class W>
inline constexpr bool sums_in_any_order<Noisy<W>> = true;

template <class W, class EntryA, class EntryB>
Noisy<W> dot(Index length, EntryA&& a, EntryB&& b, const Noisy<W>* start) {
  W sum = start ? start->v : W(0), magnitude = std::abs(sum);
  for (Index k = 0; k < length; ++k) {
    const W term = a(k).v * b(k).v;
    sum += term;
    magnitude += std::abs(term);
  }
  const double terms = static_cast<double>(length);
  Noise& noise = thread_noise;
  return Noisy<W>::exact(sum + magnitude * static_cast<W>(noise.u * std::sqrt(terms) * noise.normal()) +
                         static_cast<W>(terms * noise.eta * noise.normal()));
}

// clang-format off
template <class W> Noisy<W> exp(const Noisy<W>& x) { return Noisy<W>::function(0, math::exp(x.v)); }
template <class W> Noisy<W> expm1(const Noisy<W>& x) { return Noisy<W>::beside_one(1, math::expm1(x.v)); }
template <class W> Noisy<W> log(const Noisy<W>& x) { return Noisy<W>::function(2, math::log(x.v)); }
template <class W> Noisy<W> log1p(const Noisy<W>& x) { return Noisy<W>::function(3, math::log1p(x.v)); }
template <class W> Noisy<W> sqrt(const Noisy<W>& x) { return Noisy<W>::rounded(math::sqrt(x.v)); }
template <class W> Noisy<W> tanh(const Noisy<W>& x) { return Noisy<W>::function(4, math::tanh(x.v)); }
template <class W> Noisy<W> erf(const Noisy<W>& x) { return Noisy<W>::function(5, math::erf(x.v)); }
template <class W> Noisy<W> erfc(const Noisy<W>& x) { return Noisy<W>::beside_one(6, math::erfc(x.v)); }
template <class W> Noisy<W> sigmoid(const Noisy<W>& x) { return Noisy<W>::beside_one(7, math::sigmoid(x.v)); }
template <class W> Noisy<W> softplus(const Noisy<W>& x) { return Noisy<W>::beside_one(8, math::softplus(x.v)); }
template <class W> Noisy<W> max0(const Noisy<W>& x) { return Noisy<W>::exact(math::max0(x.v)); }
template <class W> Noisy<W> min0(const Noisy<W>& x) { return Noisy<W>::exact(math::min0(x.v)); }
template <class W> Noisy<W> step(const Noisy<W>& x) { return Noisy<W>::exact(math::step(x.v)); }
template <class W> Noisy<W> larger(const Noisy<W>& a, const Noisy<W>& b) { return math::larger(a.v, b.v) == a.v ? a : b; }
template <class W> Noisy<W> detach(const Noisy<W>& x) { return x; }
template <class W> double to_double(const Noisy<W>& x) { return static_cast<double>(x.v); }
// clang-format on

template <class W>
struct math::Constants<Noisy<W>> {
  static Noisy<W> pi() { return Noisy<W>::rounded(math::Constants<W>::pi()); }
  static Noisy<W> sqrt2() { return Noisy<W>::rounded(math::Constants<W>::sqrt2()); }
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
