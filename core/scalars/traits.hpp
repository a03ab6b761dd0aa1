#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "core/scalars/complex.hpp"
#include "core/scalars/counting.hpp"
#include "core/scalars/dual.hpp"
#include "core/scalars/interval.hpp"
#include "core/scalars/multiprecision.hpp"
#include "core/scalars/rational.hpp"
#include "core/scalars/running_error.hpp"

/// What strategies and engines need to know of a scalar beside its arithmetic.
namespace backprove {

namespace detail {
template <class T>
struct Inner {
  using type = T;
};
template <class T, int K>
struct Inner<Dual<T, K>> : Inner<T> {};
template <class T>
struct Inner<Complex<T>> : Inner<T> {};
template <class T>
struct Inner<Counting<T>> : Inner<T> {};
}  // namespace detail

/// The scalar that does the arithmetic of a dual, complex or counting one; any other scalar itself.
template <class T>
using Inner = typename detail::Inner<T>::type;

template <class T>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool is_complex<Complex<T>> = true;
template <class T>
inline constexpr bool is_counting = false;
template <class T>
inline constexpr bool is_counting<Counting<T>> = true;
/// Whether the scalar's numbers (their real parts, their values) are doubles.
template <class T>
inline constexpr bool fits_double =
    std::same_as<Inner<T>, double> || std::same_as<Inner<T>, float> || std::same_as<T, RunningError>;

/// Half the distance from 1 to the next number of T: the largest relative error of one rounding. For rational numbers,
/// which do not round, a stand-in that chooses steps of differences.
template <class T>
double unit_roundoff() {
  if constexpr (std::same_as<T, RunningError>)
    return active_arithmetic().unit_roundoff;
  else if constexpr (std::same_as<T, Interval>)
    return std::exp2(-static_cast<double>(interval_bits()));
  else if constexpr (std::same_as<T, Rational>)
    return 0x1p-60;
  else if constexpr (std::same_as<T, Wide>)
    return std::pow(10.0, -static_cast<double>(wide_digits()));
  else
    return static_cast<double>(std::numeric_limits<Inner<T>>::epsilon()) / 2;
}

/// Roundings and library budgets of T for the running error; nothing for intervals and rational numbers.
template <class T>
std::optional<Arithmetic> rounding_of() {
  if constexpr (std::same_as<T, Interval> || std::same_as<T, Rational>)
    return std::nullopt;
  else if constexpr (std::same_as<T, float>)
    return float_arithmetic;
  else if constexpr (std::same_as<T, long double>)
    return long_double_arithmetic;
  else if constexpr (HighPrecision<T>)
    return Arithmetic{"high precision",
                      unit_roundoff<T>(),
                      0,
                      std::numeric_limits<double>::max(),
                      1,
                      1,
                      1,
                      1,
                      1,
                      1,
                      1,  // MPFR's functions round once
                      std::numeric_limits<double>::infinity()};
  else if constexpr (is_complex<T>)
    return Arithmetic{"complex", 0x1p-53, 0x1p-1074, std::numeric_limits<double>::max(), 3, 4, 4, 4,
                      6,         4,       9};  // the real formulas, times 1 + O(u) for im = 0
  else
    return double_arithmetic;
}

/// Memory of one number, allocations included.
template <class T>
std::size_t storage_bytes() {
  if constexpr (std::same_as<T, Wide>)
    return sizeof(T) + 16 + wide_digits() / 2;
  else if constexpr (std::same_as<T, Interval>)
    return sizeof(T) + 32 + interval_bits() / 4;
  else if constexpr (std::same_as<T, Rational>)
    return sizeof(T) + 256;  // a guess: rational numbers grow
  else
    return sizeof(T);
}

/// A certified result rounded once to T: W is Wide, Interval (its midpoint) or Rational.
template <class T, class W>
T rounded(const W& value) {
  if constexpr (std::same_as<T, W>)
    return value;
  else if constexpr (std::same_as<T, Rational>)
    return Rational(to_wide(value));
  else if constexpr (std::same_as<T, Interval>)
    return Interval::around(to_wide(value));
  else if constexpr (HighPrecision<T> || std::floating_point<T>)
    return static_cast<T>(to_wide(value));
  else
    return T(to_wide(value).template convert_to<double>());
}

/// Every digit: decimal, a fraction, an interval, or both parts.
template <class T>
std::string written(const T& value) {
  if constexpr (std::same_as<T, Rational>)
    return value.str();
  else if constexpr (std::same_as<T, Interval>)
    return "[" + value.lower().str() + ", " + value.upper().str() + "]";
  else if constexpr (HighPrecision<T>)
    return value.str();
  else if constexpr (std::floating_point<T>)
    return Wide(value).str(std::numeric_limits<T>::max_digits10);
  else if constexpr (std::same_as<T, RunningError>)
    return written(value.v);
  else if constexpr (is_complex<T>)
    return written(value.re) + " " + written(value.im);
  else
    return written(value.value);
}

}  // namespace backprove
