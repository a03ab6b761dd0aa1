#include <fmt/format.h>

#include <cmath>
#include <random>

#include "core/kernels/kernel.hpp"
#include "core/kernels/primitives.hpp"
#include "core/scalars/arithmetic.hpp"
#include "verify/unit/catch.hpp"

// The elementary functions of core/kernels within their budgets.

namespace backprove {
namespace {

long double wide(std::string_view name, long double x) {
  return name == "exp" ? std::exp(x) : name == "tanh" ? std::tanh(x) : std::log(x);
}

/// Error of y as f(x), in units of the last place of the result; the smallest subnormal is one too.
template <class T>
double error_in_ulp(std::string_view name, T x, T y) {
  const long double right = wide(name, static_cast<long double>(x));
  const T rounded = static_cast<T>(right);
  if (!std::isfinite(rounded) || !std::isfinite(y)) return rounded == y ? 0 : std::numeric_limits<double>::infinity();
  const int exponent = std::max(rounded == 0 ? -2000 : std::ilogb(rounded), std::numeric_limits<T>::min_exponent - 1);
  const long double place = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1);
  return static_cast<double>(std::abs(static_cast<long double>(y) - right) / place);
}

/// Points of a domain: every magnitude alike, and a dense part around 0.
template <class T>
std::vector<T> points(T low, T high) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> magnitude(-40, std::log2(static_cast<double>(std::min(high, T(1e30)))));
  std::uniform_real_distribution<double> near(-25, 25);
  std::vector<T> all{low, high, T(0), std::numeric_limits<T>::min(), std::numeric_limits<T>::denorm_min(), T(1)};
  for (int k = 0; k < 400000; ++k) {
    const double size = std::exp2(magnitude(random));
    for (const double x : {size, -size, near(random), 30 * near(random)})
      if (x >= static_cast<double>(low) && x <= static_cast<double>(high)) all.push_back(static_cast<T>(x));
  }
  std::erase_if(all, [&](T x) { return x < low || x > high; });
  return all;
}

template <class T>
void check_functions(const Kernel& kernel) {
  const Primitives<T>& fast = kernel.primitives<T>();
  REQUIRE(fast.function_count == 3);
  for (Index k = 0; k < fast.function_count; ++k) {
    const ArrayFunction<T>& function = fast.functions[k];
    const std::vector<T> x = points<T>(function.low, function.high);
    std::vector<T> y(x.size());
    function.apply(x.data(), y.data(), static_cast<Index>(x.size()));
    double worst = 0;
    T where = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = error_in_ulp(function.name, x[i], y[i]);
      if (error > worst) {
        worst = error;
        where = x[i];
      }
    }
    INFO(fmt::format("{} of {} in {}: {:.4g} ulp at {:.17g}", function.name, sizeof(T) == 4 ? "floats" : "doubles",
                     kernel.name, worst, where));
    CHECK(worst <= function.ulp);
    const Arithmetic arithmetic = sizeof(T) == 4 ? float_arithmetic : double_arithmetic;
    CHECK(function.ulp <= (function.name == "tanh" ? arithmetic.tanh : arithmetic.exp));
    constexpr T infinite = std::numeric_limits<T>::infinity();
    const T edges[] = {infinite, -infinite, std::numeric_limits<T>::quiet_NaN()};
    T values[3];
    function.apply(edges, values, 3);
    CHECK(values[0] == static_cast<T>(wide(function.name, infinite)));
    if (function.low < 0) CHECK(values[1] == static_cast<T>(wide(function.name, -infinite)));
    CHECK(std::isnan(values[2]));
  }
}

}  // namespace

TEST_CASE("kernels: elementary functions keep their budgets", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    check_functions<float>(kernel);
    check_functions<double>(kernel);
  }
}

}  // namespace backprove
