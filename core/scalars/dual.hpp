#pragma once

#include <array>

#include "core/math.hpp"
#include "core/scalars/counting.hpp"
#include "core/types.hpp"

namespace backprove {

/// x + sum_k x_k e_k with e_j e_k = 0: a value with K tangents. Every rule below is the derivative of the function that
/// it stands beside, written without regard to any layer.
template <class T, int K>
struct Dual {
  T value = T(0);
  std::array<T, K> tangent = zeros();

  Dual() = default;
  Dual(int x) : value(x) {}     // NOLINT(google-explicit-constructor): a constant
  Dual(double x) : value(x) {}  // NOLINT(google-explicit-constructor): a constant
  template <class U>
  requires(std::same_as<U, T> && !std::same_as<T, double>) explicit Dual(const U& x) : value(x) {}
  Dual(const T& x, const std::array<T, K>& t) : value(x), tangent(t) {}

  Dual& operator+=(const Dual& b) {
    value += b.value;
    for (std::size_t k = 0; k < K; ++k) tangent[k] += b.tangent[k];
    return *this;
  }
  Dual& operator-=(const Dual& b) {
    value -= b.value;
    for (std::size_t k = 0; k < K; ++k) tangent[k] -= b.tangent[k];
    return *this;
  }
  Dual& operator*=(const Dual& b) { return *this = *this * b; }
  Dual& operator/=(const Dual& b) { return *this = *this / b; }

  friend Dual operator+(Dual a, const Dual& b) { return a += b; }
  friend Dual operator-(Dual a, const Dual& b) { return a -= b; }
  friend Dual operator-(const Dual& a) {
    return a.map(T(-a.value), [](const T& t) { return T(-t); });
  }
  /// (ab)' = a b' + a' b.
  friend Dual operator*(const Dual& a, const Dual& b) {
    Dual c(T(a.value * b.value), a.tangent);
    for (std::size_t k = 0; k < K; ++k) c.tangent[k] = a.value * b.tangent[k] + a.tangent[k] * b.value;
    return c;
  }
  /// (a/b)' = (a' - (a/b) b')/b.
  friend Dual operator/(const Dual& a, const Dual& b) {
    Dual c(T(a.value / b.value), a.tangent);
    for (std::size_t k = 0; k < K; ++k) c.tangent[k] = (a.tangent[k] - c.value * b.tangent[k]) / b.value;
    return c;
  }
  /// f(x) with f'(x) given.
  Dual chain(const T& f, const T& slope) const {
    return map(f, [&](const T& t) { return T(slope * t); });
  }

 private:
  template <class F>
  Dual map(const T& f, F&& of) const {
    Dual c(f, tangent);
    for (std::size_t k = 0; k < K; ++k) c.tangent[k] = of(tangent[k]);
    return c;
  }
  static std::array<T, K> zeros() {
    std::array<T, K> all;
    all.fill(T(0));
    return all;
  }
};

namespace dual_rules {

using namespace math;

template <class T>
T exp_value(const T& x) {
  return exp(x);
}
/// 2/sqrt(pi) e^(-x^2).
template <class T>
T erf_slope(const T& x) {
  return T(2) / sqrt(Constants<T>::pi()) * exp(-(x * x));
}
// clang-format off
template <class T, int K> Dual<T, K> exp_(const Dual<T, K>& x) { const T y = exp(x.value); return x.chain(y, y); }
template <class T, int K> Dual<T, K> expm1_(const Dual<T, K>& x) { return x.chain(expm1(x.value), exp(x.value)); }
template <class T, int K> Dual<T, K> log_(const Dual<T, K>& x) { return x.chain(log(x.value), T(1) / x.value); }
template <class T, int K> Dual<T, K> log1p_(const Dual<T, K>& x) { return x.chain(log1p(x.value), T(1) / (T(1) + x.value)); }
template <class T, int K> Dual<T, K> sqrt_(const Dual<T, K>& x) { const T y = sqrt(x.value); return x.chain(y, T(1) / (T(2) * y)); }
template <class T, int K> Dual<T, K> sin_(const Dual<T, K>& x) { return x.chain(sin(x.value), cos(x.value)); }
template <class T, int K> Dual<T, K> cos_(const Dual<T, K>& x) { return x.chain(cos(x.value), -sin(x.value)); }
template <class T, int K> Dual<T, K> atan_(const Dual<T, K>& x) { return x.chain(atan(x.value), T(1) / (T(1) + x.value * x.value)); }
/// tanh' = 1 - tanh^2, with an absolute error of a few u near saturation.
template <class T, int K> Dual<T, K> tanh_(const Dual<T, K>& x) { const T y = tanh(x.value); return x.chain(y, T(1) - y * y); }
template <class T, int K> Dual<T, K> erf_(const Dual<T, K>& x) { return x.chain(erf(x.value), erf_slope(x.value)); }
template <class T, int K> Dual<T, K> erfc_(const Dual<T, K>& x) { return x.chain(erfc(x.value), -erf_slope(x.value)); }
/// s' = s(x) s(-x).
template <class T, int K> Dual<T, K> sigmoid_(const Dual<T, K>& x) { const T y = sigmoid(x.value); return x.chain(y, y * sigmoid(-x.value)); }
template <class T, int K> Dual<T, K> softplus_(const Dual<T, K>& x) { return x.chain(softplus(x.value), sigmoid(x.value)); }
template <class T, int K> Dual<T, K> max0_(const Dual<T, K>& x) { return x.chain(max0(x.value), step(x.value)); }
template <class T, int K> Dual<T, K> min0_(const Dual<T, K>& x) { return x.chain(min0(x.value), T(1) - step(x.value)); }
template <class T, int K> T step_(const Dual<T, K>& x) { return step(x.value); }
template <class T, int K> T larger_(const Dual<T, K>& a, const Dual<T, K>& b) { return larger(a.value, b.value); }
template <class T, int K> T detach_(const Dual<T, K>& x) { return detach(x.value); }
template <class T, int K> double to_double_(const Dual<T, K>& x) { return to_double(x.value); }
// clang-format on

/// A piecewise constant function of x: without slope, unless the scalar knows (intervals do) that x may lie at the
/// jump. Then derivatives of every order are anything.
template <class T, int K>
Dual<T, K> jumping(const T& f, const Dual<T, K>& x) {
  Dual<T, K> result(f, x.tangent);
  if constexpr (requires { jump(x.value); })
    result.tangent.fill(jump(x.value));
  else
    result.tangent.fill(T(0));
  return result;
}

}  // namespace dual_rules

// clang-format off
template <class T, int K> Dual<T, K> exp(const Dual<T, K>& x) { return dual_rules::exp_(x); }
template <class T, int K> Dual<T, K> expm1(const Dual<T, K>& x) { return dual_rules::expm1_(x); }
template <class T, int K> Dual<T, K> log(const Dual<T, K>& x) { return dual_rules::log_(x); }
template <class T, int K> Dual<T, K> log1p(const Dual<T, K>& x) { return dual_rules::log1p_(x); }
template <class T, int K> Dual<T, K> sqrt(const Dual<T, K>& x) { return dual_rules::sqrt_(x); }
template <class T, int K> Dual<T, K> sin(const Dual<T, K>& x) { return dual_rules::sin_(x); }
template <class T, int K> Dual<T, K> cos(const Dual<T, K>& x) { return dual_rules::cos_(x); }
template <class T, int K> Dual<T, K> atan(const Dual<T, K>& x) { return dual_rules::atan_(x); }
template <class T, int K> Dual<T, K> tanh(const Dual<T, K>& x) { return dual_rules::tanh_(x); }
template <class T, int K> Dual<T, K> erf(const Dual<T, K>& x) { return dual_rules::erf_(x); }
template <class T, int K> Dual<T, K> erfc(const Dual<T, K>& x) { return dual_rules::erfc_(x); }
template <class T, int K> Dual<T, K> sigmoid(const Dual<T, K>& x) { return dual_rules::sigmoid_(x); }
template <class T, int K> Dual<T, K> softplus(const Dual<T, K>& x) { return dual_rules::softplus_(x); }
template <class T, int K> Dual<T, K> max0(const Dual<T, K>& x) { return dual_rules::max0_(x); }
template <class T, int K> Dual<T, K> min0(const Dual<T, K>& x) { return dual_rules::min0_(x); }
template <class T, int K> Dual<T, K> step(const Dual<T, K>& x) { return dual_rules::jumping(dual_rules::step_(x), x); }
template <class T, int K> Dual<T, K> larger(const Dual<T, K>& a, const Dual<T, K>& b) { return Dual<T, K>(dual_rules::larger_(a, b)); }
template <class T, int K> Dual<T, K> detach(const Dual<T, K>& x) { return Dual<T, K>(dual_rules::detach_(x)); }
template <class T, int K> double to_double(const Dual<T, K>& x) { return dual_rules::to_double_(x); }
// clang-format on
/// Zero where 0 is not in x, else anything, in all parts.
template <class T, int K>
requires requires(const T& x) { jump(x); }
Dual<T, K> jump(const Dual<T, K>& x) {
  Dual<T, K> result(jump(x.value), x.tangent);
  result.tangent.fill(result.value);
  return result;
}

template <class T, int K>
struct math::Constants<Dual<T, K>> {
  static Dual<T, K> pi() { return Dual<T, K>(math::Constants<T>::pi()); }
  static Dual<T, K> sqrt2() { return Dual<T, K>(math::Constants<T>::sqrt2()); }
};

template <class T, int K>
inline constexpr bool counts_inside<Dual<T, K>> = counts_inside<T>;

}  // namespace backprove

template <class T, int K>
struct Eigen::NumTraits<backprove::Dual<T, K>> : Eigen::NumTraits<double> {
  using Real = backprove::Dual<T, K>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = K, AddCost = K, MulCost = 2 * K };
};
