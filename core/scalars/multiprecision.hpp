#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>
#include <boost/multiprecision/mpfr.hpp>

#include "core/math.hpp"
#include "core/scalars/arithmetic.hpp"
#include "core/scalars/number_memory.hpp"
#include "core/scalars/wide_digits.hpp"
#include "core/types.hpp"

/// Point values of high precision from Boost.Multiprecision. Expression templates are off: with them `auto` and
/// ternaries dangle.
namespace backprove {

namespace mp = boost::multiprecision;

using Float50 = mp::number<mp::cpp_bin_float<50>, mp::et_off>;
using Float100 = mp::number<mp::cpp_bin_float<100>, mp::et_off>;
/// Any number of digits, the same for the whole process (wide_digits.hpp).
using Wide = mp::number<mp::mpfr_float_backend<0>, mp::et_off>;

/// Before any number is made. Boost's own default would be 20 digits.
inline const bool numbers_are_prepared = (keep_memory_of_numbers(), set_wide_digits(50), true);

template <class T>
concept HighPrecision = std::same_as<T, Float50> || std::same_as<T, Float100> || std::same_as<T, Wide>;

/// The same number in MPFR, exactly, with room for its functions.
template <HighPrecision T>
using InMpfr = std::conditional_t<
    std::same_as<T, Float50>, mp::number<mp::mpfr_float_backend<60>, mp::et_off>,
    std::conditional_t<std::same_as<T, Float100>, mp::number<mp::mpfr_float_backend<110>, mp::et_off>, Wide>>;

/// An MPFR function of a number, rounded to its type.
template <HighPrecision T>
T by_mpfr(int (*function)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t), const T& x) {
  const InMpfr<T> argument(x);  // NOLINT(performance-unnecessary-copy-initialization): a conversion for most T
  InMpfr<T> result(0);
  function(result.backend().data(), argument.backend().data(), MPFR_RNDN);
  return T(result);
}

/// The same number in Wide, exactly if Wide has the digits for it. All Wide numbers have the same, default precision,
/// and are made from other numbers by MPFR itself: where precisions differ, Boost's operators and conversions change
/// the default of the whole process for a moment, which other threads would see.
template <HighPrecision T>
Wide to_wide(const T& x) {
  const InMpfr<T> same(x);  // NOLINT(performance-unnecessary-copy-initialization): a conversion for most T
  Wide result(0);
  mpfr_set(result.backend().data(), same.backend().data(), MPFR_RNDN);
  return result;
}
inline Wide to_wide(double x) { return Wide(x); }
inline Wide to_wide(float x) { return Wide(x); }
inline Wide to_wide(long double x) { return Wide(x); }

}  // namespace backprove

/// The vocabulary of math.hpp, where argument-dependent lookup finds it for Boost's numbers.
namespace boost::multiprecision {

// Plain functions, not templates, so that they are preferred to Boost's own templates of the same names.
// clang-format off
#define BACKPROVE_FUNCTIONS_OF(T)                                                                                   \
  inline T exp(const T& x) { return backprove::by_mpfr(mpfr_exp, x); }                                              \
  inline T expm1(const T& x) { return backprove::by_mpfr(mpfr_expm1, x); }                                          \
  inline T log(const T& x) { return backprove::by_mpfr(mpfr_log, x); }                                              \
  inline T log1p(const T& x) { return backprove::by_mpfr(mpfr_log1p, x); }                                          \
  inline T tanh(const T& x) { return backprove::by_mpfr(mpfr_tanh, x); }                                            \
  inline T erf(const T& x) { return backprove::by_mpfr(mpfr_erf, x); }                                              \
  inline T erfc(const T& x) { return backprove::by_mpfr(mpfr_erfc, x); }                                            \
  inline T sqrt(const T& x) { return backprove::by_mpfr(mpfr_sqrt, x); }                                            \
  inline T sin(const T& x) { return backprove::by_mpfr(mpfr_sin, x); }                                              \
  inline T cos(const T& x) { return backprove::by_mpfr(mpfr_cos, x); }                                              \
  inline T atan(const T& x) { return backprove::by_mpfr(mpfr_atan, x); }                                            \
  inline T sigmoid(const T& x) { return T(1) / (T(1) + exp(T(-x))); }                                               \
  inline T softplus(const T& x) { return x > 0 ? T(x + log1p(exp(T(-x)))) : log1p(exp(x)); }                        \
  inline T max0(const T& x) { return x < 0 ? T(0) : x; }                                                            \
  inline T min0(const T& x) { return x > 0 ? T(0) : x; }                                                            \
  inline T step(const T& x) { return x > 0 ? T(1) : (x <= 0 ? T(0) : x); }                                          \
  inline T larger(const T& a, const T& b) { return a > b || a != a ? a : b; }                                       \
  inline T detach(const T& x) { return x; }                                                                         \
  inline double to_double(const T& x) { return x.template convert_to<double>(); }                                  
BACKPROVE_FUNCTIONS_OF(backprove::Float50)
BACKPROVE_FUNCTIONS_OF(backprove::Float100)
BACKPROVE_FUNCTIONS_OF(backprove::Wide)
#undef BACKPROVE_FUNCTIONS_OF
// clang-format on

}  // namespace boost::multiprecision

namespace backprove::math {

template <HighPrecision T>
struct Constants<T> {
  static T pi() {
    InMpfr<T> result(0);
    mpfr_const_pi(result.backend().data(), MPFR_RNDN);
    return T(result);
  }
  static T sqrt2() { return sqrt(T(2)); }
};

}  // namespace backprove::math
