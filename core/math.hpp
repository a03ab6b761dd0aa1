#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>

/// The only elementary functions that a layer or a loss may call, here for float, double and long double. Every other
/// scalar brings its own overloads of the same names, found by argument-dependent lookup: a layer file says
/// `using namespace math;` and calls them unqualified.
///
/// Domain: all real numbers unless stated. Errors of the C library's functions in ulp: core/scalars/arithmetic.hpp.
namespace backprove::math {

template <class T>
concept Native = std::floating_point<T>;

// clang-format off
template <Native T> T exp(T x) { return std::exp(x); }
template <Native T> T expm1(T x) { return std::expm1(x); }
template <Native T> T log(T x) { return std::log(x); }
template <Native T> T log1p(T x) { return std::log1p(x); }
template <Native T> T sqrt(T x) { return std::sqrt(x); }
template <Native T> T tanh(T x) { return std::tanh(x); }
template <Native T> T erf(T x) { return std::erf(x); }
template <Native T> T erfc(T x) { return std::erfc(x); }
/// For complex numbers.
template <Native T> T sin(T x) { return std::sin(x); }
template <Native T> T cos(T x) { return std::cos(x); }
template <Native T> T atan(T x) { return std::atan(x); }
/// max(x, 0); derivative `step`. NaN stays NaN.
template <Native T> T max0(T x) { return x < T(0) ? T(0) : x; }
/// min(x, 0); derivative 1 - step, so that max0 + min0 has slope 1 everywhere. NaN stays NaN.
template <Native T> T min0(T x) { return x > T(0) ? T(0) : x; }
/// 1 for x > 0, else 0: the slope that PyTorch gives ReLU, 0 at 0. NaN stays NaN.
template <Native T> T step(T x) { return x > T(0) ? T(1) : (x <= T(0) ? T(0) : x); }
/// The larger of two; used only on detached values. NaN in either argument gives NaN.
template <Native T> T larger(T a, T b) { return a > b || a != a ? a : b; }
/// The value as a constant: derivatives stop here, and an interval becomes its midpoint.
template <Native T> T detach(T x) { return x; }
/// The real number as a double, rounded: for branch signatures and display only.
template <Native T> double to_double(T x) { return static_cast<double>(x); }
// clang-format on

/// 1/(1 + e^-x), without overflow.
template <Native T>
T sigmoid(T x) {
  const T e = std::exp(x < T(0) ? x : -x);
  return (x < T(0) ? e : T(1)) / (T(1) + e);
}

/// log(1 + e^x), without overflow and without loss for x << 0.
template <Native T>
T softplus(T x) {
  return max0(x) + std::log1p(std::exp(x < T(0) ? x : -x));
}

/// The slope of expm1. It is e^x; the scalars that stand for other programs know that many of them write expm1(x) + 1.
template <class T>
T slope_of_expm1(const T& x) {
  return T(exp(x));
}

/// A variance: the mean of the `n` squared deviations from `mean`. The scalars that stand for other programs know that
/// many of them take mean(x^2) - mean(x)^2.
template <class T>
const T& variance(const T& mean_square_deviation, const T& /*mean*/, std::ptrdiff_t /*n*/) {
  return mean_square_deviation;
}

/// The largest of n >= 1 numbers, as a constant: the shift of softmax and its relatives, whose values do not depend on
/// it.
template <class T>
T maximum(const T* x, std::ptrdiff_t n) {
  T largest = detach(x[0]);
  for (std::ptrdiff_t i = 1; i < n; ++i) largest = larger(largest, detach(x[i]));
  return largest;
}

/// pi and sqrt(2), rounded once to T. Specialised by scalars that are no built-in types.
template <class T>
struct Constants {
  static T pi() { return T(3.141592653589793238462643383279502884L); }
  static T sqrt2() { return T(1.414213562373095048801688724209698079L); }
};

}  // namespace backprove::math
