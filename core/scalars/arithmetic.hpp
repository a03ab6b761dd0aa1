#pragma once

#include <string_view>

namespace backprove {

/// What a floating-point arithmetic and its elementary functions promise, for running error bounds.
struct Arithmetic {
  std::string_view name;
  double unit_roundoff;       ///< u: a rounded operation is off by at most a factor 1 + u
  double smallest_subnormal;  ///< eta: and by at most this when it underflows
  /// Known worst errors in ulp; an error of c ulp is at most a relative 2 c u.
  double exp = 1, expm1 = 1, log = 1, log1p = 1, tanh = 1, erf = 1, erfc = 1;
};

/// glibc 2.36 on x86_64, "Known Maximum Errors in Math Functions" of its manual, rounded up to whole ulp, at least 2 for
/// the functions that its tables do not bound.
inline constexpr Arithmetic float_arithmetic{"float", 0x1p-24, 0x1p-149, 1, 1, 1, 2, 2, 1, 3};
inline constexpr Arithmetic double_arithmetic{"double", 0x1p-53, 0x1p-1074, 1, 1, 1, 2, 2, 1, 5};
inline constexpr Arithmetic long_double_arithmetic{"long_double", 0x1p-64, 0, 1, 3, 1, 4, 4, 2, 6};

}  // namespace backprove
