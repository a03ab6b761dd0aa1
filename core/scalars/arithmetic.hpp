#pragma once

#include <limits>
#include <string_view>

namespace backprove {

/// What a floating-point arithmetic and its elementary functions promise, for running error bounds.
struct Arithmetic {
  std::string_view name;
  double unit_roundoff;       ///< u: a rounded operation is off by at most a factor 1 + u
  double smallest_subnormal;  ///< eta: and by at most this when it underflows
  double largest;             ///< no error is known of a result that may be larger in magnitude
  /// Known worst errors in ulp; an error of c ulp is at most a relative 2 c u, or c eta where the result is subnormal.
  double exp = 1, expm1 = 1, log = 1, log1p = 1, tanh = 1, erf = 1, erfc = 1;
  /// Error of a step whose sign is not certain. Infinite for arithmetics finer than double: their bounds are those of
  /// double scaled down, and this error does not scale.
  double uncertain_step = 1;
  /// For programs with formulas of their own: absolute error, in units of u, of sigmoid, softplus, expm1 and its slope,
  /// and erfc, which are often computed as a difference from 1 or as the logarithm of a number near 1; and of variances
  /// as differences of means.
  double beside_one = 0;
};

/// glibc 2.36 on x86_64, whole ulp that cover the "Known Maximum Errors in Math Functions" of its manual, which are
/// those of its own tests, and larger ones measured here: among all floats tanh 2.19, erfc 3.13, log1p 1.29; by search
/// among doubles tanh 2.16, erf 1.20 (erfc 3.7, its table has 5) and long doubles tanh 2.98, log1p 2.53, expm1 2.49,
/// exp 1.11.
inline constexpr Arithmetic float_arithmetic{"float", 0x1p-24, 0x1p-149, std::numeric_limits<float>::max(), 1, 1, 1, 2,
                                             3,       1,       4};
inline constexpr Arithmetic double_arithmetic{
    "double", 0x1p-53, 0x1p-1074, std::numeric_limits<double>::max(), 1, 1, 1, 2, 3, 2, 6};
inline constexpr Arithmetic long_double_arithmetic{"long_double",
                                                   0x1p-64,
                                                   0,
                                                   std::numeric_limits<double>::max(),
                                                   2,
                                                   4,
                                                   2,
                                                   4,
                                                   4,
                                                   2,
                                                   6,
                                                   std::numeric_limits<double>::infinity()};

}  // namespace backprove
