#pragma once

#include <algorithm>
#include <boost/container/static_vector.hpp>

#include "core/math.hpp"
#include "core/types.hpp"

namespace backprove {

/// sum_k c_k t^k, cut off behind t^N: of what is computed from x + t, c_k is the k-th derivative at x over k!. A
/// constant has c_0 alone, so that a product with one takes as many products as the other factor has coefficients.
/// Every function follows from y' = f'(x) x', coefficient by coefficient (A. Griewank and A. Walther, Evaluating
/// Derivatives, 2nd edition, SIAM 2008, section 13.2). Without sin, cos and atan, which only complex numbers need.
template <class T, int N>
struct Taylor {
  boost::container::static_vector<T, N + 1> c;

  Taylor() : c(1, T(0)) {}
  Taylor(int x) : c(1, T(x)) {}     // NOLINT(google-explicit-constructor): a constant
  Taylor(double x) : c(1, T(x)) {}  // NOLINT(google-explicit-constructor): a constant
  template <class U>
  requires(std::same_as<U, T> && !std::same_as<T, double>) explicit Taylor(const U& x) : c(1, x) {}
  /// x + t.
  static Taylor variable(const T& x) {
    Taylor y(x);
    y.c.push_back(T(1));
    return y;
  }
  bool is_constant() const { return c.size() == 1; }

  Taylor& operator+=(const Taylor& b) {
    for (std::size_t k = 0; k < b.c.size(); ++k)
      if (k < c.size())
        c[k] += b.c[k];
      else
        c.push_back(b.c[k]);
    return *this;
  }
  Taylor& operator-=(const Taylor& b) {
    for (std::size_t k = 0; k < b.c.size(); ++k)
      if (k < c.size())
        c[k] -= b.c[k];
      else
        c.push_back(T(-b.c[k]));
    return *this;
  }
  Taylor& operator*=(const Taylor& b) { return *this = *this * b; }
  Taylor& operator/=(const Taylor& b) { return *this = *this / b; }

  friend Taylor operator+(Taylor a, const Taylor& b) { return a += b; }
  friend Taylor operator-(Taylor a, const Taylor& b) { return a -= b; }
  friend Taylor operator-(Taylor a) {
    for (T& one : a.c) one = T(-one);
    return a;
  }
  friend Taylor operator*(const Taylor& a, const Taylor& b) {
    Taylor y(T(a.c[0] * b.c[0]));
    const std::size_t last = std::min<std::size_t>(N, a.c.size() + b.c.size() - 2);
    for (std::size_t k = 1; k <= last; ++k) y.c.push_back(convolution(a.c, b.c, k, 0));
    return y;
  }
  /// y_k = (a_k - sum_(i<k) y_i b_(k-i))/b_0.
  friend Taylor operator/(const Taylor& a, const Taylor& b) {
    Taylor y(T(a.c[0] / b.c[0]));
    const std::size_t last = b.is_constant() ? a.c.size() - 1 : N;
    for (std::size_t k = 1; k <= last; ++k) {
      T rest = k < a.c.size() ? a.c[k] : T(0);
      if (!b.is_constant()) rest -= convolution(b.c, y.c, k, 1);
      y.c.push_back(T(rest / b.c[0]));
    }
    return y;
  }

  /// The sum of a_i b_(k-i), i from `first` on, over the coefficients that are there: one at least.
  template <class A, class B>
  static T convolution(const A& a, const B& b, std::size_t k, std::size_t first) {
    const std::size_t last = std::min(k, a.size() - 1);
    std::size_t i = std::max(first, k < b.size() ? 0 : k + 1 - b.size());
    T sum = T(a[i] * b[k - i]);
    while (++i <= last) sum += T(a[i] * b[k - i]);
    return sum;
  }

  /// y with y_0 = f and y' = s x'; slope(y, s, k) is s_k, asked for when y has k + 1 coefficients and s has k.
  template <class Slope>
  static Taylor integral(const T& f, const Taylor& x, Slope&& slope) {
    Taylor y(f);
    if (x.is_constant()) return y;
    boost::container::static_vector<T, N> s;
    for (std::size_t k = 1; k <= N; ++k) {
      s.push_back(slope(y.c, s, k - 1));
      T sum = T(x.c[1] * s[k - 1]);
      for (std::size_t j = 2; j <= k && j < x.c.size(); ++j) sum += T(T(static_cast<int>(j)) * x.c[j] * s[k - j]);
      y.c.push_back(k == 1 ? sum : T(sum / T(static_cast<int>(k))));
    }
    return y;
  }
};

namespace taylor_rules {

using namespace math;

/// Coefficient k of 1/p, with the first and those before given.
template <class T, int N, class P, class S>
T reciprocal(const T& first, const P& p, const S& s, std::size_t k) {
  return k == 0 ? first : T(-Taylor<T, N>::convolution(p, s, k, 1) / p[0]);
}
/// The derivative of `step` where the scalar knows one (intervals do, at the jump), else 0.
template <class T>
T slope_of_step(const T& x) {
  if constexpr (requires { jump(x); })
    return jump(x);
  else
    return T(0);
}
/// max(x, 0) or min(x, 0), whose slope jumps at 0.
template <class T, int N>
Taylor<T, N> bent(const T& f, const T& first, const Taylor<T, N>& x) {
  return Taylor<T, N>::integral(
      f, x, [&](const auto&, const auto&, std::size_t k) { return k == 0 ? first : slope_of_step(x.c[0]); });
}
/// 2/sqrt(pi) e^(-x^2).
template <class T, int N>
Taylor<T, N> erf_slope(const Taylor<T, N>& x) {
  return Taylor<T, N>(T(T(2) / sqrt(Constants<T>::pi()))) * exp(-(x * x));
}
template <class T, int N>
Taylor<T, N> with_slope(const T& f, const Taylor<T, N>& x, const Taylor<T, N>& slope) {
  return Taylor<T, N>::integral(f, x, [&](const auto&, const auto&, std::size_t k) { return slope.c[k]; });
}

template <class T, int N>
Taylor<T, N> exp_(const Taylor<T, N>& x) {
  return Taylor<T, N>::integral(T(exp(x.c[0])), x, [](const auto& y, const auto&, std::size_t k) { return y[k]; });
}
template <class T, int N>
Taylor<T, N> expm1_(const Taylor<T, N>& x) {
  return Taylor<T, N>::integral(
      T(expm1(x.c[0])), x, [&](const auto& y, const auto&, std::size_t k) { return k == 0 ? T(exp(x.c[0])) : y[k]; });
}
template <class T, int N>
Taylor<T, N> log_(const T& f, const Taylor<T, N>& x, const Taylor<T, N>& p) {
  return Taylor<T, N>::integral(
      f, x, [&](const auto&, const auto& s, std::size_t k) { return reciprocal<T, N>(T(T(1) / p.c[0]), p.c, s, k); });
}
template <class T, int N>
Taylor<T, N> sqrt_(const Taylor<T, N>& x) {
  return Taylor<T, N>::integral(T(sqrt(x.c[0])), x, [](const auto& y, const auto& s, std::size_t k) {
    return reciprocal<T, N>(T(T(1) / (T(2) * y[0])), y, s, k);
  });
}
/// 1 - y^2.
template <class T, int N>
Taylor<T, N> tanh_(const Taylor<T, N>& x) {
  return Taylor<T, N>::integral(T(tanh(x.c[0])), x, [](const auto& y, const auto&, std::size_t k) {
    const T square = Taylor<T, N>::convolution(y, y, k, 0);
    return k == 0 ? T(T(1) - square) : T(-square);
  });
}
/// s(x) s(-x), where s(-x) = 1 - s(x) has the coefficients of -s(x) behind the first.
template <class T, int N>
Taylor<T, N> sigmoid_(const Taylor<T, N>& x) {
  const T other = sigmoid(T(-x.c[0]));
  return Taylor<T, N>::integral(T(sigmoid(x.c[0])), x, [&](const auto& y, const auto&, std::size_t k) {
    const T first = T(y[k] * other);
    return k == 0 ? first : T(first - Taylor<T, N>::convolution(y, y, k, 1));
  });
}
template <class T, int N>
Taylor<T, N> step_(const Taylor<T, N>& x) {
  Taylor<T, N> y(T(step(x.c[0])));
  if (!x.is_constant()) y.c.resize(N + 1, slope_of_step(x.c[0]));
  return y;
}
// clang-format off
template <class T, int N> Taylor<T, N> log1p_(const Taylor<T, N>& x) { return log_(T(log1p(x.c[0])), x, Taylor<T, N>(1) + x); }
template <class T, int N> Taylor<T, N> erf_(const Taylor<T, N>& x) { return with_slope(T(erf(x.c[0])), x, erf_slope(x)); }
template <class T, int N> Taylor<T, N> erfc_(const Taylor<T, N>& x) { return with_slope(T(erfc(x.c[0])), x, -erf_slope(x)); }
template <class T, int N> Taylor<T, N> softplus_(const Taylor<T, N>& x) { return with_slope(T(softplus(x.c[0])), x, sigmoid(x)); }
template <class T, int N> Taylor<T, N> max0_(const Taylor<T, N>& x) { return bent(T(max0(x.c[0])), T(step(x.c[0])), x); }
template <class T, int N> Taylor<T, N> min0_(const Taylor<T, N>& x) { return bent(T(min0(x.c[0])), T(T(1) - step(x.c[0])), x); }
template <class T> T log_value(const T& x) { return log(x); }
template <class T> T larger_value(const T& a, const T& b) { return larger(a, b); }
template <class T> T detached(const T& x) { return detach(x); }
template <class T> double in_double(const T& x) { return to_double(x); }

}  // namespace taylor_rules

template <class T, int N> Taylor<T, N> exp(const Taylor<T, N>& x) { return taylor_rules::exp_(x); }
template <class T, int N> Taylor<T, N> expm1(const Taylor<T, N>& x) { return taylor_rules::expm1_(x); }
template <class T, int N> Taylor<T, N> log(const Taylor<T, N>& x) { return taylor_rules::log_(taylor_rules::log_value(x.c[0]), x, x); }
template <class T, int N> Taylor<T, N> log1p(const Taylor<T, N>& x) { return taylor_rules::log1p_(x); }
template <class T, int N> Taylor<T, N> sqrt(const Taylor<T, N>& x) { return taylor_rules::sqrt_(x); }
template <class T, int N> Taylor<T, N> tanh(const Taylor<T, N>& x) { return taylor_rules::tanh_(x); }
template <class T, int N> Taylor<T, N> erf(const Taylor<T, N>& x) { return taylor_rules::erf_(x); }
template <class T, int N> Taylor<T, N> erfc(const Taylor<T, N>& x) { return taylor_rules::erfc_(x); }
template <class T, int N> Taylor<T, N> sigmoid(const Taylor<T, N>& x) { return taylor_rules::sigmoid_(x); }
template <class T, int N> Taylor<T, N> softplus(const Taylor<T, N>& x) { return taylor_rules::softplus_(x); }
template <class T, int N> Taylor<T, N> max0(const Taylor<T, N>& x) { return taylor_rules::max0_(x); }
template <class T, int N> Taylor<T, N> min0(const Taylor<T, N>& x) { return taylor_rules::min0_(x); }
template <class T, int N> Taylor<T, N> step(const Taylor<T, N>& x) { return taylor_rules::step_(x); }
template <class T, int N> Taylor<T, N> larger(const Taylor<T, N>& a, const Taylor<T, N>& b) { return Taylor<T, N>(taylor_rules::larger_value(a.c[0], b.c[0])); }
template <class T, int N> Taylor<T, N> detach(const Taylor<T, N>& x) { return Taylor<T, N>(taylor_rules::detached(x.c[0])); }
template <class T, int N> double to_double(const Taylor<T, N>& x) { return taylor_rules::in_double(x.c[0]); }
// clang-format on

template <class T, int N>
struct math::Constants<Taylor<T, N>> {
  static Taylor<T, N> pi() { return Taylor<T, N>(math::Constants<T>::pi()); }
  static Taylor<T, N> sqrt2() { return Taylor<T, N>(math::Constants<T>::sqrt2()); }
};

}  // namespace backprove

template <class T, int N>
struct Eigen::NumTraits<backprove::Taylor<T, N>> : Eigen::NumTraits<double> {
  using Real = backprove::Taylor<T, N>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = N, AddCost = N, MulCost = N * N };
};
