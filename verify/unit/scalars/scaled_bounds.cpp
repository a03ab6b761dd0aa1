#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Running errors for scalars finer than double are those of double's u, scaled down afterwards.
namespace backprove {
namespace {

using test::Traits;

/// The arithmetic of T with double's u and underflow, as the strategies' bounds use it.
template <class T>
Arithmetic in_double() {
  Arithmetic arithmetic = *rounding_of<T>();
  arithmetic.unit_roundoff = 0x1p-53;
  arithmetic.smallest_subnormal = 0x1p-1074;
  return arithmetic;
}
/// A sum that cancels, products, a quotient and every function: its condition varies with x.
template <class T>
T expression(const T& x) {
  using namespace math;
  const T a = erfc(x) - exp(T(-(x * x))) / (T(1) + x * x), b = log1p(T(x * x)) * tanh(x) - expm1(T(-x));
  return (a - b) / sqrt(T(T(1) + a * a)) + softplus(T(b - a)) * sigmoid(x) - erf(T(a * b)) + log(T(T(2) + x * x));
}

template <class T>
void check_scaled() {
  const test::Digits digits(120);
  const Arithmetic arithmetic = in_double<T>();
  const ArithmeticScope scope(arithmetic);
  const Wide scale = Wide(unit_roundoff<T>()) / Wide(0x1p-53);
  std::mt19937_64 random(51);
  for (int k = 0; k < 500; ++k) {
    const double x = test::between(random, -3, 3);
    const RunningError bound = expression(RunningError(x));
    const Wide exact = expression(Wide(x)), got = to_wide(expression(T(x)));
    CAPTURE(x, bound.v, bound.e);
    REQUIRE(Wide(abs(Wide(got - exact))) <= scale * Wide(bound.e));
  }
}

}  // namespace

TEST_CASE("a running error with a finer library's budgets still covers the double that carries the value",
          "[scalars]") {
  const test::Digits digits(60);
  const Arithmetic arithmetic = in_double<Wide>();
  const ArithmeticScope scope(arithmetic);
  test::for_each_smooth_function([](const Traits& traits, auto f) {
    std::mt19937_64 random(52);
    for (int k = 0; k < 1000; ++k) {
      const double x = traits.name == "erfc" ? test::between(random, 0.5, 26) : test::argument(random, traits);
      const RunningError bound = f(RunningError(x));
      if (!std::isfinite(bound.v)) continue;
      CAPTURE(traits.name, x, bound.v, bound.e);
      REQUIRE(Wide(abs(Wide(Wide(bound.v) - f(Wide(x))))) <= Wide(bound.e));
    }
  });
}

TEST_CASE("a running error in double, scaled by the ratio of the unit roundoffs, bounds wider scalars", "[scalars]") {
  check_scaled<Float50>();
  check_scaled<Float100>();
}

TEST_CASE("an argument with an error keeps all its values within the bound", "[scalars]") {
  const test::Digits digits(60);
  for (const Arithmetic* arithmetic : {&float_arithmetic, &double_arithmetic}) {
    const ArithmeticScope scope(*arithmetic);
    test::for_each_smooth_function([](const Traits& traits, auto f) {
      for (const double x : test::grid())
        for (const double relative : {0x1p-52, 0x1p-30, 0x1p-10, 0.25}) {
          const double e = relative * std::abs(x);
          if (!test::in_domain(traits, x - e)) continue;
          const RunningError bound = f(RunningError(x, e));
          if (!std::isfinite(bound.v)) continue;
          CAPTURE(traits.name, x, e, bound.v, bound.e);
          for (const int side : {-1, 1})
            REQUIRE(Wide(abs(Wide(Wide(bound.v) - f(Wide(Wide(x) + side * Wide(e)))))) <= Wide(bound.e));
        }
    });
  }
}

}  // namespace backprove
