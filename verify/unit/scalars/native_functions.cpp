#include <map>

#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// float, double and long double against MPFR.
namespace backprove {
namespace {

using test::Traits;

/// The distance from one number of T to the next at `exact`.
template <class T>
Wide ulp(const Wide& exact) {
  using Limits = std::numeric_limits<T>;
  const long exponent = std::max(mpfr_get_exp(exact.backend().data()), static_cast<mpfr_exp_t>(Limits::min_exponent));
  Wide result(1);
  mpfr_mul_2si(result.backend().data(), result.backend().data(), exponent - Limits::digits, MPFR_RNDN);
  return result;
}
template <class T>
double ulp_error(T got, const Wide& exact) {
  const Wide units = abs(Wide(to_wide(got) - exact)) / ulp<T>(exact);
  return units.convert_to<double>();
}

/// Error allowed in ulp: the library's, or that of the formulas of math.hpp in the terms of running_error.hpp.
double budget(std::string_view name, const Arithmetic& a) {
  const std::map<std::string_view, double> all{
      {"exp", a.exp}, {"expm1", a.expm1}, {"log", a.log}, {"log1p", a.log1p},
      {"sqrt", 0.5},  {"tanh", a.tanh},   {"erf", a.erf}, {"erfc", a.erfc},
      {"sin", 2},     {"cos", 2},         {"atan", 2},    {"sigmoid", a.exp + 1.25},
      {"max0", 0},    {"min0", 0},        {"step", 0},    {"softplus", a.exp + a.log1p + 1}};
  return all.at(name);
}
bool composed(const Traits& traits) { return traits.name == "sigmoid" || traits.name == "softplus"; }

template <class T, class F>
void check_at(const Traits& traits, F f, T x, const Arithmetic& arithmetic, double& worst) {
  const Wide exact = f(to_wide(x));
  if (abs(exact) > Wide(std::numeric_limits<T>::max())) return;
  const double error = exact == 0 ? (f(x) == 0 ? 0 : 1) : ulp_error(static_cast<T>(f(x)), exact);
  // A composed formula is allowed 2 c u relative, up to 2 c ulp at the start of a binade.
  const double allowed = budget(traits.name, arithmetic) * (composed(traits) ? 2 : 1);
  worst = std::max(worst, error);
  if (!(error <= allowed)) {
    CAPTURE(traits.name, x, f(x), error, allowed, arithmetic.name);
    CHECK(error <= allowed);
  }
}

template <class T>
void check_budgets(const Arithmetic& arithmetic, int arguments) {
  const test::Digits digits(std::numeric_limits<T>::digits10 + 15);
  const auto check = [&](const Traits& traits, auto f) {
    std::mt19937_64 random(20);
    double worst = 0;
    for (int k = 0; k < arguments; ++k)
      check_at(traits, f, static_cast<T>(test::argument(random, traits)), arithmetic, worst);
    for (const double x : test::grid())
      if (test::in_domain(traits, x)) check_at(traits, f, static_cast<T>(x), arithmetic, worst);
    check_at(traits, f, T(traits.lower < 0 ? 0 : 1), arithmetic, worst);
    INFO(arithmetic.name << ' ' << traits.name << ": worst " << worst << " ulp");
    CHECK(worst <= 2 * budget(traits.name, arithmetic));
  };
  test::for_each_function(check);
  test::for_each_circular_function(check);
}

}  // namespace

TEST_CASE("float functions keep the budgets of their arithmetic", "[scalars]") {
  check_budgets<float>(float_arithmetic, 100000);
}
TEST_CASE("double functions keep the budgets of their arithmetic", "[scalars]") {
  check_budgets<double>(double_arithmetic, 100000);
}
TEST_CASE("long double functions keep the budgets of their arithmetic", "[scalars]") {
  check_budgets<long double>(long_double_arithmetic, 10000);
}

TEST_CASE("the budgets cover arguments where the C library is known to be bad", "[scalars]") {
  const test::Digits digits(40);
  // Volatile, since compilers evaluate functions of constants themselves, rounded correctly.
  const auto error = []<class T>(auto f, T x) {
    volatile T at = x;
    return ulp_error(static_cast<T>(f(T(at))), f(to_wide(x)));
  };
  using namespace math;
  const auto tanh_ = [](const auto& x) { return tanh(x); };
  const auto erf_ = [](const auto& x) { return erf(x); };
  const auto erfc_ = [](const auto& x) { return erfc(x); };
  const auto log1p_ = [](const auto& x) { return log1p(x); };
  const auto exp_ = [](const auto& x) { return exp(x); };
  CHECK(error(tanh_, 0x1.ddca18p-3f) <= float_arithmetic.tanh);
  CHECK(error(erfc_, 0x1.537a74p+0f) <= float_arithmetic.erfc);
  CHECK(error(log1p_, 0x1.a827b4p-2f) <= float_arithmetic.log1p);
  CHECK(error(tanh_, 0xe.ca52a33f7ee08p-6) <= double_arithmetic.tanh);
  CHECK(error(erf_, 0xc.c11df6eff7488p-8) <= double_arithmetic.erf);
  CHECK(error(erfc_, 0x9.dd578a30a52cp-3) <= double_arithmetic.erfc);
  CHECK(error(exp_, 0x9.35e6a959909292ap+1L) <= long_double_arithmetic.exp);
  CHECK(error(tanh_, 0xd.fa59fa2f7477ef1p-6L) <= long_double_arithmetic.tanh);
}

TEST_CASE("native piecewise functions at 0, NaN and infinity", "[scalars]") {
  using namespace math;
  constexpr double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(step(0.0) == 0);
  CHECK(step(-0.0) == 0);
  CHECK(step(0x1p-1074) == 1);
  CHECK(std::isnan(step(nan)));
  CHECK(std::isnan(max0(nan)));
  CHECK(std::isnan(min0(nan)));
  CHECK(std::isnan(larger(nan, 1.0)));
  CHECK(std::isnan(larger(1.0, nan)));
  CHECK(larger(-2.0, 1.0) == 1);
  CHECK(sigmoid(infinite) == 1);
  CHECK(sigmoid(-infinite) == 0);
  CHECK(softplus(-infinite) == 0);
  CHECK(softplus(infinite) == infinite);
  const double numbers[] = {3, -1, 7, 2};
  CHECK(maximum(numbers, 4) == 7);
  CHECK(maximum(numbers, 1) == 3);
}

}  // namespace backprove
