#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Complex functions away from the real axis, by series and identities that do not share the formulas' derivations.
namespace backprove {
namespace {

using C = Complex<Wide>;

constexpr unsigned many = 120;
constexpr double tolerance = 1e-105;  // of numbers with 120 digits, after some hundreds of operations of size up to 1e9

C operator-(const C& a, int b) { return a - C(b); }
C times_i(const C& z) { return C(Wide(-z.im), z.re); }

double error(const C& got, const C& expected) {
  const double size = 1 + std::max(std::abs(to_double(expected)), std::abs(expected.im.convert_to<double>()));
  return std::max(test::distance(got.re, expected.re), test::distance(got.im, expected.im)) / size;
}

/// e^z by its series at z/2^20.
C exponential(C z) {
  Wide scale(1);
  for (int k = 0; k < 20; ++k) scale /= 2;
  z = C(Wide(z.re * scale), Wide(z.im * scale));
  C sum(1), term(1);
  for (int k = 1; k < 60; ++k) {
    term = term * z;
    term = C(Wide(term.re / k), Wide(term.im / k));
    sum += term;
  }
  for (int k = 0; k < 20; ++k) sum = sum * sum;
  return sum;
}

/// 2/sqrt(pi) sum of (-1)^n z^(2n+1)/(n! (2n+1)).
C error_function(const C& z) {
  C sum = z, power = z;
  const C square = z * z;
  for (int n = 1; n < 400; ++n) {
    power = power * square;
    power = C(Wide(-power.re / n), Wide(-power.im / n));
    sum += C(Wide(power.re / (2 * n + 1)), Wide(power.im / (2 * n + 1)));
  }
  const Wide factor = 2 / sqrt(math::Constants<Wide>::pi());
  return C(Wide(factor * sum.re), Wide(factor * sum.im));
}

template <class Check>
void for_each_number(Check&& check) {
  const test::Digits digits(many);
  for (const double re : {-5.0, -1.5, -0.75, -0.125, 0.0, 0.25, 0.8, 1.0, 2.0, 4.5})
    for (const double im : {-0.9, -0.25, -1e-3, 1e-30, 0.0, 1e-8, 0.5, 1.0}) {
      CAPTURE(re, im);
      check(C(Wide(re), Wide(im)));
    }
}

}  // namespace

TEST_CASE("complex exponentials and what is made of them", "[scalars]") {
  for_each_number([](const C& z) {
    const C e = exponential(z), one(1);
    CHECK(error(exp(z), e) < tolerance);
    CHECK(error(expm1(z), e - 1) < tolerance);
    CHECK(error(tanh(z), (e * e - 1) / (e * e + one)) < tolerance);
    CHECK(error(sigmoid(z), e / (one + e)) < tolerance);
    CHECK(error(exponential(softplus(z)), one + e) < tolerance);
    const C clockwise = exponential(-times_i(z)), counter = exponential(times_i(z));
    const C sum = counter + clockwise, difference = counter - clockwise;
    CHECK(error(cos(z), C(Wide(sum.re / 2), Wide(sum.im / 2))) < tolerance);
    CHECK(error(sin(z), C(Wide(difference.im / 2), Wide(-difference.re / 2))) < tolerance);
  });
}

TEST_CASE("complex logarithms and roots undo exponentials and squares", "[scalars]") {
  for_each_number([](const C& z) {
    if (z.re > 0) {
      CHECK(error(exponential(log(z)), z) < tolerance);
      CHECK(error(sqrt(z) * sqrt(z), z) < tolerance);
      CHECK(sqrt(z).re > 0);
    }
    if (z.re > -1) {
      CHECK(error(exponential(log1p(z)), C(1) + z) < tolerance);
    }
    if (z.re != 0) {
      CHECK(error(C(3) / z * z, C(3)) < tolerance);
    }
  });
}

TEST_CASE("the complex error function is its series", "[scalars]") {
  for_each_number([](const C& z) {
    const C expected = error_function(z);
    CHECK(error(erf(z), expected) < tolerance);  // terms up to e^21
    CHECK(error(erfc(z), C(1) - expected) < tolerance);
  });
}

TEST_CASE("complex functions keep both parts where the imaginary one is tiny", "[scalars]") {
  const test::Digits digits(900);  // tanh(1000) is 1 up to the 868th digit
  test::for_each_function([&](const test::Traits& traits, auto f) {
    for (const double x : test::grid()) {
      if (!test::in_domain(traits, x)) continue;
      const Wide value = f(Wide(x)), slope = f(Dual<Wide, 1>(Wide(x), {Wide(1)})).tangent[0];
      if (!std::isfinite(value.convert_to<double>()) || !std::isfinite(slope.convert_to<double>())) continue;
      const Complex<double> tiny = f(Complex<double>(x, 0x1p-300)), none = f(Complex<double>(x, 0));
      const Complex<RunningError> bound = f(Complex<RunningError>(RunningError(x), RunningError(0x1p-300)));
      CAPTURE(traits.name, x);
      CHECK(test::distance(Wide(tiny.re), value) <= bound.re.e + 0x1p-600);  // im^2
      CHECK(test::distance(Wide(tiny.im), slope * Wide(0x1p-300)) <= bound.im.e);
      CHECK(std::abs(tiny.re - none.re) <= 0x1p-600);
      CHECK(none.im == 0);
      // The slope itself is good to a few dozen units of its terms, so the bound above says something.
      if (traits.name != "step")
        CHECK(bound.im.e <= 0x1p-300 * 0x1p-46 * (1 + x * x) * (1 + std::abs(slope.convert_to<double>())));
    }
  });
}

TEST_CASE("the complex error function neither overflows nor gives NaN far out", "[scalars]") {
  for (const double x : {30.0, 1e5, 1e20, 1e100, 1e200})
    for (const double sign : {1.0, -1.0}) {
      CAPTURE(x, sign);
      const Complex<double> y = erfc(Complex<double>(sign * x, 1e-200));
      CHECK(y.re == (sign > 0 ? 0 : 2));
      CHECK(y.im == 0);
      const Complex<float> narrow = erf(Complex<float>(static_cast<float>(sign * std::min(x, 1e15)), 1e-20f));
      CHECK(narrow.re == static_cast<float>(sign));
      CHECK(narrow.im == 0);
    }
}

TEST_CASE("piecewise functions of complex numbers follow the real part", "[scalars]") {
  const Complex<double> left(-2, 3), right(2, -3);
  CHECK((max0(left).re == 0 && max0(left).im == 0));
  CHECK((max0(right).re == 2 && max0(right).im == -3));
  CHECK((min0(left).re == -2 && min0(left).im == 3));
  CHECK((min0(right).re == 0 && min0(right).im == 0));
  CHECK((step(right).re == 1 && step(right).im == 0));
  CHECK(larger(left, right).re == 2);
  CHECK(larger(left, right).im == 0);
}

}  // namespace backprove
