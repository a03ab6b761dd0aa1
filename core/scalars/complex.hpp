#pragma once

#include <cmath>

#include "core/math.hpp"
#include "core/scalars/counting.hpp"
#include "core/types.hpp"

namespace backprove {

/// re + i im for any scalar, for the complex step: holomorphic, never conjugated, no recovery from NaN in products.
/// Both parts of every function keep their own digits when im is tiny. Piecewise functions branch on the real part.
template <class T>
struct Complex {
  T re = T(0), im = T(0);

  Complex() = default;
  Complex(int x) : re(x) {}     // NOLINT(google-explicit-constructor): a constant
  Complex(double x) : re(x) {}  // NOLINT(google-explicit-constructor): a constant
  template <class U>
  requires(std::same_as<U, T> && !std::same_as<T, double>) explicit Complex(const U& x) : re(x) {}
  Complex(const T& real, const T& imaginary) : re(real), im(imaginary) {}

  Complex& operator+=(const Complex& b) {
    re += b.re;
    im += b.im;
    return *this;
  }
  Complex& operator-=(const Complex& b) {
    re -= b.re;
    im -= b.im;
    return *this;
  }
  Complex& operator*=(const Complex& b) { return *this = *this * b; }
  Complex& operator/=(const Complex& b) { return *this = *this / b; }
  friend Complex operator+(Complex a, const Complex& b) { return a += b; }
  friend Complex operator-(Complex a, const Complex& b) { return a -= b; }
  friend Complex operator-(const Complex& a) { return {T(-a.re), T(-a.im)}; }
  friend Complex operator*(const Complex& a, const Complex& b) {
    return {T(a.re * b.re - a.im * b.im), T(a.re * b.im + a.im * b.re)};
  }
  /// With t = b.im/b.re and q = b.re + b.im t: (a.re + a.im t)/q + i (a.im - a.re t)/q. Domain: b.re not 0.
  friend Complex operator/(const Complex& a, const Complex& b) {
    const T t = b.im / b.re, q = b.re + b.im * t;
    return {T((a.re + a.im * t) / q), T((a.im - a.re * t) / q)};
  }
};

namespace complex_rules {

using namespace math;

/// 1 - cos y = 2 sin^2(y/2), without cancellation.
template <class T>
T versine(const T& y) {
  const T s = sin(T(y / T(2)));
  return T(2) * (s * s);
}
template <class T>
Complex<T> exp_(const Complex<T>& z) {
  const T e = exp(z.re);
  return {T(e * cos(z.im)), T(e * sin(z.im))};
}
template <class T>
Complex<T> expm1_(const Complex<T>& z) {
  return {T(expm1(z.re) * cos(z.im) - versine(z.im)), T(exp(z.re) * sin(z.im))};
}
/// Domain: Re z > 0.
template <class T>
Complex<T> log_(const Complex<T>& z) {
  const T t = z.im / z.re;
  return {T(log(z.re) + log1p(T(t * t)) / T(2)), atan(t)};
}
/// Domain: Re z > -1.
template <class T>
Complex<T> log1p_(const Complex<T>& z) {
  const T t = z.im / (T(1) + z.re);
  return {T(log1p(z.re) + log1p(T(t * t)) / T(2)), atan(t)};
}
/// Domain: Re z > 0.
template <class T>
Complex<T> sqrt_(const Complex<T>& z) {
  const T t = z.im / z.re, re = sqrt(z.re) * sqrt(T((T(1) + sqrt(T(T(1) + t * t))) / T(2)));
  return {re, T(z.im / (T(2) * re))};
}
/// (t (1 + u^2) + i u sech^2 x)/(1 + t^2 u^2), t = tanh x, u = tan y; sech^2 x = 4 e/(1 + e)^2 with e = e^(-2|x|).
template <class T>
Complex<T> tanh_(const Complex<T>& z) {
  const T t = tanh(z.re), u = sin(z.im) / cos(z.im), tu = t * u, q = T(1) + tu * tu;
  const T e = exp(T(T(2) * (min0(z.re) - max0(z.re)))), w = T(1) + e;
  return {T(t * (T(1) + u * u) / q), T(u * (T(4) * e / (w * w)) / q)};
}
/// s/(1 - q (1 - cos y) - i q sin y), s = sigmoid(x), q = sigmoid(-x).
template <class T>
Complex<T> sigmoid_(const Complex<T>& z) {
  const T s = sigmoid(z.re), q = sigmoid(T(-z.re)), re = T(1) - q * versine(z.im), im = q * sin(z.im);
  const T square = re * re + im * im;
  return {T(s * re / square), T(s * im / square)};
}
/// softplus(x) + log(1 - s (1 - cos y) + i s sin y), s = sigmoid(x); the modulus squared is 1 - 2 s (1 - s)(1 - cos y).
template <class T>
Complex<T> softplus_(const Complex<T>& z) {
  const T s = sigmoid(z.re), q = sigmoid(T(-z.re)), v = versine(z.im);
  return {T(softplus(z.re) + log1p(T(T(-2) * s * q * v)) / T(2)), atan(T(s * sin(z.im) / (T(1) - s * v)))};
}
/// erf(x + i y) - erf(x) = 2/sqrt(pi) e^(-x^2) sum_{k>=1} (-1)^(k-1) H_{k-1}(x) (i y)^k/k!, an entire series, with
/// H_{k+1} = 2x H_k - 2k H_{k-1}. Enough terms for 400 bits; intended for |y| <= 1, where little cancels. The factor
/// before the sum goes into H, which would overflow without it for large |x|.
template <class T>
Complex<T> erf_rest(const Complex<T>& z) {
  const double y = std::abs(to_double(z.im));
  const int terms = y < 0.5 ? 4 + static_cast<int>(400 / -std::log2(std::max(y, 1e-300))) : 200;
  const T scale = T(2) / sqrt(Constants<T>::pi()) * exp(T(-(z.re * z.re)));
  T before(0), hermite = scale, power = z.im, re(0), im(0);  // scale H_{k-2}, scale H_{k-1}, y^k/k!
  for (int k = 1; k <= terms; ++k) {
    // (-1)^(k-1) i^k: i, 1, -i, -1, i, ... for k = 1, 2, 3, 4, 5
    const T term = hermite * power;
    switch (k % 4) {
      case 1:
        im += term;
        break;
      case 2:
        re += term;
        break;
      case 3:
        im -= term;
        break;
      default:
        re -= term;
        break;
    }
    const T next = T(2) * z.re * hermite - T(2 * (k - 1)) * before;
    before = hermite;
    hermite = next;
    power = power * z.im / T(k + 1);
  }
  return {re, im};
}
template <class T>
Complex<T> erf_(const Complex<T>& z) {
  const Complex<T> rest = erf_rest(z);
  return {T(erf(z.re) + rest.re), rest.im};
}
template <class T>
Complex<T> erfc_(const Complex<T>& z) {
  const Complex<T> rest = erf_rest(z);
  return {T(erfc(z.re) - rest.re), T(-rest.im)};
}
// clang-format off
template <class T> Complex<T> sin_(const Complex<T>& z) { const T e = expm1(z.im), f = expm1(T(-z.im)), half = (e - f) / T(2); return {T(sin(z.re) * (T(1) + (e + f) / T(2))), T(cos(z.re) * half)}; }
template <class T> Complex<T> cos_(const Complex<T>& z) { const T e = expm1(z.im), f = expm1(T(-z.im)), half = (e - f) / T(2); return {T(cos(z.re) * (T(1) + (e + f) / T(2))), T(-(sin(z.re) * half))}; }
template <class T> Complex<T> max0_(const Complex<T>& z) { return {max0(z.re), T(step(z.re) * z.im)}; }
template <class T> Complex<T> min0_(const Complex<T>& z) { return {min0(z.re), T((T(1) - step(z.re)) * z.im)}; }
template <class T> T step_(const Complex<T>& z) { return step(z.re); }
template <class T> T larger_(const Complex<T>& a, const Complex<T>& b) { return larger(a.re, b.re); }
template <class T> T detach_(const Complex<T>& z) { return detach(z.re); }
template <class T> double to_double_(const Complex<T>& z) { return to_double(z.re); }
/// atan'(x) = 1/(1 + x^2): the first order in im, exact to im^2; enough for dual numbers over complex ones.
template <class T> Complex<T> atan_(const Complex<T>& z) { return {atan(z.re), T(z.im / (T(1) + z.re * z.re))}; }
// clang-format on

}  // namespace complex_rules

// clang-format off
template <class T> Complex<T> exp(const Complex<T>& z) { return complex_rules::exp_(z); }
template <class T> Complex<T> expm1(const Complex<T>& z) { return complex_rules::expm1_(z); }
template <class T> Complex<T> log(const Complex<T>& z) { return complex_rules::log_(z); }
template <class T> Complex<T> log1p(const Complex<T>& z) { return complex_rules::log1p_(z); }
template <class T> Complex<T> sqrt(const Complex<T>& z) { return complex_rules::sqrt_(z); }
template <class T> Complex<T> sin(const Complex<T>& z) { return complex_rules::sin_(z); }
template <class T> Complex<T> cos(const Complex<T>& z) { return complex_rules::cos_(z); }
template <class T> Complex<T> atan(const Complex<T>& z) { return complex_rules::atan_(z); }
template <class T> Complex<T> tanh(const Complex<T>& z) { return complex_rules::tanh_(z); }
template <class T> Complex<T> erf(const Complex<T>& z) { return complex_rules::erf_(z); }
template <class T> Complex<T> erfc(const Complex<T>& z) { return complex_rules::erfc_(z); }
template <class T> Complex<T> sigmoid(const Complex<T>& z) { return complex_rules::sigmoid_(z); }
template <class T> Complex<T> softplus(const Complex<T>& z) { return complex_rules::softplus_(z); }
template <class T> Complex<T> max0(const Complex<T>& z) { return complex_rules::max0_(z); }
template <class T> Complex<T> min0(const Complex<T>& z) { return complex_rules::min0_(z); }
template <class T> Complex<T> step(const Complex<T>& z) { return Complex<T>(complex_rules::step_(z)); }
template <class T> Complex<T> larger(const Complex<T>& a, const Complex<T>& b) { return Complex<T>(complex_rules::larger_(a, b)); }
template <class T> Complex<T> detach(const Complex<T>& z) { return Complex<T>(complex_rules::detach_(z)); }
template <class T> double to_double(const Complex<T>& z) { return complex_rules::to_double_(z); }
// clang-format on

template <class T>
struct math::Constants<Complex<T>> {
  static Complex<T> pi() { return Complex<T>(math::Constants<T>::pi()); }
  static Complex<T> sqrt2() { return Complex<T>(math::Constants<T>::sqrt2()); }
};

template <class T>
inline constexpr bool counts_inside<Complex<T>> = counts_inside<T>;

}  // namespace backprove

template <class T>
struct Eigen::NumTraits<backprove::Complex<T>> : Eigen::NumTraits<double> {
  using Real = backprove::Complex<T>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 2, AddCost = 2, MulCost = 6 };
};
