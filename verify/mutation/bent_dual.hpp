#pragma once

#include "core/math.hpp"
#include "verify/mutation/layer_maps.hpp"

namespace backprove {

/// The rules of dual numbers that a mutant can bend: the right ones.
struct DualRules {
  template <class D>
  static D product(const D& a, const D& b) {
    return a * b;
  }
  template <class D>
  static D quotient(const D& a, const D& b) {
    return a / b;
  }
  template <class D>
  static D exponential(const D& x) {
    return exp(x);
  }
  template <class D>
  static D hyperbolic_tangent(const D& x) {
    return tanh(x);
  }
};

/// A dual number that takes some of its rules from R and all others from Dual.
template <class T, class R>
struct BentDual {
  using D = Dual<T, 1>;
  D dual;

  BentDual() = default;
  BentDual(int x) : dual(x) {}     // NOLINT(google-explicit-constructor): a constant
  BentDual(double x) : dual(x) {}  // NOLINT(google-explicit-constructor): a constant
  explicit BentDual(const D& x) : dual(x) {}
  BentDual(const T& x, const std::array<T, 1>& t) : dual(x, t) {}

  BentDual& operator+=(const BentDual& b) { return *this = *this + b; }
  BentDual& operator-=(const BentDual& b) { return *this = *this - b; }
  BentDual& operator*=(const BentDual& b) { return *this = *this * b; }
  BentDual& operator/=(const BentDual& b) { return *this = *this / b; }
  friend BentDual operator+(const BentDual& a, const BentDual& b) { return BentDual(a.dual + b.dual); }
  friend BentDual operator-(const BentDual& a, const BentDual& b) { return BentDual(a.dual - b.dual); }
  friend BentDual operator-(const BentDual& a) { return BentDual(-a.dual); }
  friend BentDual operator*(const BentDual& a, const BentDual& b) { return BentDual(R::product(a.dual, b.dual)); }
  friend BentDual operator/(const BentDual& a, const BentDual& b) { return BentDual(R::quotient(a.dual, b.dual)); }
  friend BentDual exp(const BentDual& x) { return BentDual(R::exponential(x.dual)); }
  friend BentDual tanh(const BentDual& x) { return BentDual(R::hyperbolic_tangent(x.dual)); }
  friend BentDual expm1(const BentDual& x) { return BentDual(expm1(x.dual)); }
  friend BentDual log(const BentDual& x) { return BentDual(log(x.dual)); }
  friend BentDual log1p(const BentDual& x) { return BentDual(log1p(x.dual)); }
  friend BentDual sqrt(const BentDual& x) { return BentDual(sqrt(x.dual)); }
  friend BentDual erf(const BentDual& x) { return BentDual(erf(x.dual)); }
  friend BentDual erfc(const BentDual& x) { return BentDual(erfc(x.dual)); }
  friend BentDual sigmoid(const BentDual& x) { return BentDual(sigmoid(x.dual)); }
  friend BentDual softplus(const BentDual& x) { return BentDual(softplus(x.dual)); }
  friend BentDual max0(const BentDual& x) { return BentDual(max0(x.dual)); }
  friend BentDual min0(const BentDual& x) { return BentDual(min0(x.dual)); }
  friend BentDual step(const BentDual& x) { return BentDual(step(x.dual)); }
  friend BentDual larger(const BentDual& a, const BentDual& b) { return BentDual(larger(a.dual, b.dual)); }
  friend BentDual detach(const BentDual& x) { return BentDual(detach(x.dual)); }
  friend double to_double(const BentDual& x) { return to_double(x.dual); }
};

template <class T, class R>
const T& tangent_of(const BentDual<T, R>& x) {
  return x.dual.tangent[0];
}

template <class T, class R>
struct math::Constants<BentDual<T, R>> {
  static BentDual<T, R> pi() { return BentDual<T, R>(math::Constants<Dual<T, 1>>::pi()); }
  static BentDual<T, R> sqrt2() { return BentDual<T, R>(math::Constants<Dual<T, 1>>::sqrt2()); }
};

}  // namespace backprove

template <class T, class R>
struct Eigen::NumTraits<backprove::BentDual<T, R>> : Eigen::NumTraits<backprove::Dual<T, 1>> {
  using Real = backprove::BentDual<T, R>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
};
