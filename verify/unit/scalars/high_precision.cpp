#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// cpp_bin_float_50 and _100 and MPFR numbers against MPFR with many more digits.
namespace backprove {
namespace {

using test::Traits;

constexpr unsigned many = 150;

/// |got - exact| in units of u |exact|.
double relative_error(const Wide& got, const Wide& exact, double u) {
  if (exact == 0) return got == 0 ? 0 : std::numeric_limits<double>::infinity();
  const Wide quotient = abs(Wide((got - exact) / exact)) / Wide(u);
  return quotient.convert_to<double>();
}

/// In units of u: 2 for a function rounded once to T, 4.5 for sigmoid and 6 for softplus as in running_error.hpp.
double budget(std::string_view name) {
  if (name == "sigmoid") return 4.5;
  return name == "softplus" ? 6 : 2;
}

template <class T, class F>
void check_at(const Traits& traits, F f, double x) {
  Wide got(0);
  double u;
  if constexpr (std::same_as<T, Wide>) {
    Wide result(0);
    {
      const test::Digits working(60);
      u = unit_roundoff<Wide>();
      result = f(Wide(x));
      REQUIRE(result.precision() == wide_digits());
    }
    mpfr_set(got.backend().data(), result.backend().data(), MPFR_RNDN);
  } else {
    u = unit_roundoff<T>();
    got = to_wide(f(T(x)));
  }
  const double error = relative_error(got, f(Wide(x)), u);
  CAPTURE(traits.name, x, error);
  REQUIRE(error <= budget(traits.name));
}

template <class T>
void check_scalar() {
  const test::Digits digits(many);
  const auto check = [&](const Traits& traits, auto f) {
    std::mt19937_64 random(4);
    for (int k = 0; k < 300; ++k) check_at<T>(traits, f, test::argument(random, traits));
    for (const double x : test::grid())
      if (test::in_domain(traits, x)) check_at<T>(traits, f, x);
  };
  test::for_each_function(check);
  test::for_each_circular_function(check);
}

}  // namespace

TEST_CASE("cpp_bin_float_50 functions are rounded once", "[scalars]") { check_scalar<Float50>(); }
TEST_CASE("cpp_bin_float_100 functions are rounded once", "[scalars]") { check_scalar<Float100>(); }
TEST_CASE("MPFR functions are rounded once", "[scalars]") { check_scalar<Wide>(); }

TEST_CASE("sigmoid and softplus of high precision agree with other forms of the same functions", "[scalars]") {
  const test::Digits digits(100);
  const double u = unit_roundoff<Wide>();
  for (const double x : test::grid()) {
    CAPTURE(x);
    const Wide e = exp(Wide(x)), minus = exp(Wide(-x));
    CHECK(relative_error(sigmoid(Wide(x)), e / (1 + e), u) <= 12);
    // For x < 0 the sum cancels down to about e^x, so it is compared absolutely, in units of |x|.
    CHECK(test::distance(softplus(Wide(x)), x + log1p(minus)) <= 8 * u * (1 + std::abs(x)));
  }
}

TEST_CASE("numbers of every precision enter Wide exactly, and all Wide numbers have one precision", "[scalars]") {
  const test::Digits digits(120);
  const Float50 third50 = Float50(1) / 3;
  const Float100 third100 = Float100(1) / 3;
  CHECK(static_cast<Float50>(to_wide(third50)) == third50);
  CHECK(static_cast<Float100>(to_wide(third100)) == third100);
  // 3 x (1/3 rounded) - 1 is exactly the rounding error of 1/3, which is below u.
  CHECK(abs(Wide(3 * to_wide(third50) - 1)).convert_to<double>() <= unit_roundoff<Float50>());
  CHECK(3 * to_wide(third50) != 1);
  CHECK(to_wide(0x1.fffffffffffffffep0L) == Wide(2) - Wide(0x1p-63));
  CHECK(to_wide(third50).precision() == 120);
  CHECK(to_wide(third100).precision() == 120);
  CHECK(to_wide(Rational(1) / 3).precision() == 120);
  CHECK(wide_digits() == 120);
  for (unsigned d = 30; d <= 300; ++d) {
    const test::Digits each(d);
    const Wide one(1), sum = one + one;
    REQUIRE(one.precision() == d);
    REQUIRE(sum.precision() == d);
    REQUIRE(wide_digits() == d);
  }
}

TEST_CASE("u bounds the relative error of one rounding", "[scalars]") {
  const test::Digits digits(many);
  const auto third = [](auto one) { return to_wide(decltype(one)(one / 3)); };
  CHECK(relative_error(third(1.0f), Wide(1) / 3, unit_roundoff<float>()) <= 1);
  CHECK(relative_error(third(1.0), Wide(1) / 3, unit_roundoff<double>()) <= 1);
  CHECK(relative_error(third(1.0L), Wide(1) / 3, unit_roundoff<long double>()) <= 1);
  CHECK(relative_error(third(Float50(1)), Wide(1) / 3, unit_roundoff<Float50>()) <= 1);
  CHECK(relative_error(third(Float100(1)), Wide(1) / 3, unit_roundoff<Float100>()) <= 1);
  CHECK(unit_roundoff<Wide>() >= std::exp2(-mpfr_get_prec(Wide(1).backend().data())));
  CHECK(unit_roundoff<Complex<double>>() == 0x1p-53);
  CHECK((unit_roundoff<Dual<float, 4>>() == 0x1p-24));
}

TEST_CASE("certified results are rounded once to the working scalar", "[scalars]") {
  const test::Digits digits(60);
  const Wide above_tie = Wide(1) + Wide(0x1p-24) + Wide(0x1p-80);  // by way of double it would be a tie, and go down
  CHECK(rounded<float>(above_tie) == 1 + 0x1p-23f);
  CHECK(rounded<double>(Wide(1) + Wide(0x1p-53) + Wide(0x1p-90)) == 1 + 0x1p-52);
  CHECK(rounded<long double>(Wide(1) + Wide(0x1p-64) + Wide(0x1p-90)) == 1 + 0x1p-63L);
  CHECK(rounded<Rational>(Wide(0.375)) == Rational(3) / 8);
  CHECK(rounded<RunningError>(Wide(0.5)).v == 0.5);
  CHECK(rounded<double>(Rational(1) / 3) == 1.0 / 3);
  CHECK(rounded<double>(Interval(0.25)) == 0.25);
  CHECK(Wide(written(1.0 / 3)) != Wide("0.3333333333333333"));
  CHECK(std::stod(written(1.0 / 3)) == 1.0 / 3);
  CHECK(written(Rational(-2) / 6) == "-1/3");
}

TEST_CASE("rational numbers are exact and refuse irrational functions", "[scalars]") {
  const Rational a(Rational(1) / 3), b(Rational(-2) / 7);
  CHECK(a + b == Rational(1) / 21);
  CHECK(a * b == Rational(-2) / 21);
  CHECK(a / b == Rational(-7) / 6);
  CHECK(Rational(0.1) != Rational(1) / 10);  // the double, exactly
  CHECK(max0(b) == 0);
  CHECK(min0(b) == b);
  CHECK(step(a) == 1);
  CHECK(step(Rational(0)) == 0);
  CHECK(larger(a, b) == a);
  int refused = 0;
  test::for_each_smooth_function([&](const Traits& traits, auto f) {
    CAPTURE(traits.name);
    CHECK_THROWS_AS(f(a), std::logic_error);
    ++refused;
  });
  CHECK(refused == 10);
}

}  // namespace backprove
