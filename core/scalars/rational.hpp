#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/multiprecision/eigen.hpp>
#include <stdexcept>

#include "core/scalars/multiprecision.hpp"

/// Boost 1.74 takes anything with iterators for a sequence of bytes, and with it Eigen's matrices.
namespace boost::multiprecision::detail {
template <class C>
requires std::derived_from<C, Eigen::EigenBase<C>>
struct is_byte_container_imp<C, true> : boost::false_type {
};
}  // namespace boost::multiprecision::detail

namespace backprove {

/// Exact rational numbers of any size.
using Rational = mp::number<mp::cpp_rational_backend, mp::et_off>;

/// The nearest number of Wide. By GMP: Boost's conversion of an integer would change the process's default precision.
Wide to_wide(const Rational& x);

[[noreturn]] inline void irrational(const char* function) {
  throw std::logic_error(std::string("rational numbers have no ") + function);
}

}  // namespace backprove

namespace boost::multiprecision {

// Never reached: an engine refuses networks that need them, with the reason.
// clang-format off
inline backprove::Rational exp(const backprove::Rational&) { backprove::irrational("exp"); }
inline backprove::Rational expm1(const backprove::Rational&) { backprove::irrational("expm1"); }
inline backprove::Rational log(const backprove::Rational&) { backprove::irrational("log"); }
inline backprove::Rational log1p(const backprove::Rational&) { backprove::irrational("log1p"); }
inline backprove::Rational sqrt(const backprove::Rational&) { backprove::irrational("sqrt"); }
inline backprove::Rational sin(const backprove::Rational&) { backprove::irrational("sin"); }
inline backprove::Rational cos(const backprove::Rational&) { backprove::irrational("cos"); }
inline backprove::Rational atan(const backprove::Rational&) { backprove::irrational("atan"); }
inline backprove::Rational tanh(const backprove::Rational&) { backprove::irrational("tanh"); }
inline backprove::Rational erf(const backprove::Rational&) { backprove::irrational("erf"); }
inline backprove::Rational erfc(const backprove::Rational&) { backprove::irrational("erfc"); }
inline backprove::Rational sigmoid(const backprove::Rational&) { backprove::irrational("sigmoid"); }
inline backprove::Rational softplus(const backprove::Rational&) { backprove::irrational("softplus"); }
inline backprove::Rational max0(const backprove::Rational& x) { return x < 0 ? backprove::Rational(0) : x; }
inline backprove::Rational min0(const backprove::Rational& x) { return x > 0 ? backprove::Rational(0) : x; }
inline backprove::Rational step(const backprove::Rational& x) { return backprove::Rational(x > 0 ? 1 : 0); }
inline backprove::Rational larger(const backprove::Rational& a, const backprove::Rational& b) { return a > b ? a : b; }
inline backprove::Rational detach(const backprove::Rational& x) { return x; }
inline double to_double(const backprove::Rational& x) { return x.convert_to<double>(); }
// clang-format on

}  // namespace boost::multiprecision

namespace backprove::math {

template <>
struct Constants<Rational> {
  static Rational pi() { irrational("pi"); }
  static Rational sqrt2() { irrational("sqrt"); }
};

}  // namespace backprove::math
