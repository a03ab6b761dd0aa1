#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

namespace backprove {
namespace {

using test::Traits;

/// [a, b], a <= b.
Interval between(const Wide& a, const Wide& b) {
  Interval result;
  mpfr_set(&result.get()->left, a.backend().data(), MPFR_RNDD);
  mpfr_set(&result.get()->right, b.backend().data(), MPFR_RNDU);
  return result;
}

/// A random interval in (lower, upper), some points, some across 0; and numbers inside it.
struct Sample {
  Interval x;
  std::vector<Wide> inside;
};
Sample sample(std::mt19937_64& random, const Traits& traits) {
  const double a = test::argument(random, traits);
  double b = a;
  switch (random() % 4) {
    case 0:
      break;
    case 1:
      b = test::argument(random, traits);
      break;
    case 2:
      b = a + std::abs(a) * std::exp2(test::between(random, -60, -2));
      break;
    default:
      b = std::abs(a) < 1 && test::in_domain(traits, -a) ? -a : a;
      break;
  }
  if (!test::in_domain(traits, b)) b = a;
  Sample drawn{between(Wide(std::min(a, b)), Wide(std::max(a, b))), {Wide(a), Wide(b)}};
  for (int k = 0; k < 3; ++k) {
    const double t = test::between(random, 0, 1);
    const Wide point = Wide(a) + Wide(t) * (Wide(b) - Wide(a));
    if (drawn.x.contains(point)) drawn.inside.push_back(point);
  }
  return drawn;
}

const Traits anything{"anything"};

}  // namespace

TEST_CASE("interval functions contain every value", "[scalars]") {
  const test::Digits digits(80);
  const auto check = [](const Traits& traits, auto f) {
    std::mt19937_64 random(11);
    double narrow = 0;
    for (int k = 0; k < 600; ++k) {
      const PrecisionScope scope(k % 3 == 0 ? 24 : (k % 3 == 1 ? 53 : 200));
      const Sample drawn = sample(random, traits);
      const Interval y = f(drawn.x);
      for (const Wide& point : drawn.inside) {
        CAPTURE(traits.name, written(drawn.x), written(y), point.str());
        REQUIRE(y.contains(f(point)));
      }
      if (drawn.x.width_double() == 0)
        narrow = std::max(narrow, std::log2(y.width_double() / y.magnitude_double()) + interval_bits());
    }
    INFO(traits.name << ": points become intervals of up to 2^" << narrow << " units of the last place");
    CHECK(narrow <= (traits.name == "sigmoid" || traits.name == "softplus" ? 9 : 1));
  };
  test::for_each_function(check);
  test::for_each_circular_function(check);
}

TEST_CASE("interval operations contain every value", "[scalars]") {
  const test::Digits digits(80);
  std::mt19937_64 random(12);
  for (int k = 0; k < 3000; ++k) {
    const PrecisionScope scope(k % 3 == 0 ? 24 : (k % 3 == 1 ? 53 : 200));
    const Sample a = sample(random, anything), b = sample(random, anything);
    Interval sum = a.x, difference = a.x, product = a.x, quotient = a.x;
    sum += b.x;
    difference -= b.x;
    product *= b.x;
    quotient /= b.x;
    for (const Wide& p : a.inside)
      for (const Wide& q : b.inside) {
        CAPTURE(written(a.x), written(b.x), p.str(), q.str());
        REQUIRE((a.x + b.x).contains(p + q));
        REQUIRE((a.x - b.x).contains(p - q));
        REQUIRE((a.x * b.x).contains(p * q));
        REQUIRE((q == 0 || (a.x / b.x).contains(p / q)));
        REQUIRE((-a.x).contains(-p));
        REQUIRE(sum.contains(p + q));
        REQUIRE(difference.contains(p - q));
        REQUIRE(product.contains(p * q));
        REQUIRE((q == 0 || quotient.contains(p / q)));
      }
  }
}

TEST_CASE("interval steps and extremes are hulls", "[scalars]") {
  const auto is = [](const Interval& x, int lower, int upper) { return x.lower() == lower && x.upper() == upper; };
  CHECK(is(step(between(1, 2)), 1, 1));
  CHECK(is(step(between(-2, -1)), 0, 0));
  CHECK(is(step(between(-2, 0)), 0, 0));
  CHECK(is(step(between(0, 2)), 0, 1));
  CHECK(is(step(between(-1, 2)), 0, 1));
  CHECK(is(step(Interval(0)), 0, 0));
  CHECK(is(max0(between(-1, 2)), 0, 2));
  CHECK(is(max0(between(-2, -1)), 0, 0));
  CHECK(is(min0(between(-1, 2)), -1, 0));
  CHECK(is(min0(between(1, 2)), 0, 0));
  CHECK(is(larger(between(0, 3), between(1, 9)), 1, 9));
  CHECK(is(larger(between(1, 9), between(0, 3)), 1, 9));
  CHECK(is(detach(between(1, 3)), 2, 2));
  CHECK(to_double(between(1, 3)) == 2);
  CHECK(between(1, 3).width_double() == 2);
  CHECK(between(-4, 3).magnitude_double() == 4);
  CHECK(is(Interval::around(Wide(5)), 5, 5));
}

TEST_CASE("no interval operation aborts, whatever it is given", "[scalars]") {
  const double infinite = std::numeric_limits<double>::infinity();
  const Interval nan(std::numeric_limits<double>::quiet_NaN()), everything = between(Wide(-infinite), Wide(infinite));
  const std::vector<Interval> nasty{nan,
                                    everything,
                                    Interval(0),
                                    between(-1, 1),
                                    between(0, 1),
                                    between(-1, 0),
                                    Interval(-3),
                                    Interval(infinite),
                                    Interval(-infinite),
                                    Interval(1e300),
                                    Interval(-1e300),
                                    between(Wide(-1), Wide(infinite)),
                                    Interval(5e-324),
                                    between(-2, -1)};
  CHECK(nan.is_nan());
  CHECK_FALSE(nan.contains(Wide(0)));
  CHECK(everything.contains(Wide(7)));
  int calls = 0;
  const auto call = [&](const Traits& traits, auto f) {
    for (const Interval& x : nasty) {
      CAPTURE(traits.name, written(x));
      const Interval y = f(x);
      CHECK((!x.is_nan() || y.is_nan()));
      ++calls;
    }
  };
  test::for_each_function(call);
  test::for_each_circular_function(call);
  for (const Interval& a : nasty)
    for (const Interval& b : nasty) {
      const Interval quotient = a / b, product = a * b, sum = a + b, difference = a - b, more = larger(a, b);
      CAPTURE(written(a), written(b), written(quotient));
      if (a.contains(Wide(1)) && b.contains(Wide(0.5))) CHECK(quotient.contains(Wide(2)));
      if (b.contains(Wide(0)) && b.contains(Wide(1e-30)) && a.contains(Wide(1))) CHECK(quotient.contains(Wide("1e30")));
      if (a.is_nan() || b.is_nan())
        CHECK((quotient.is_nan() && product.is_nan() && sum.is_nan() && difference.is_nan()));
      ++calls;
    }
  CHECK(calls == static_cast<int>(nasty.size() * 16 + nasty.size() * nasty.size()));
  // Outside a function's domain nothing is claimed: the result contains no number, or no bound.
  CHECK_FALSE(log(between(-2, -1)).contains(Wide(0)));
  CHECK_FALSE(sqrt(Interval(-3)).contains(Wide(0)));
  CHECK(std::isnan(log(Interval(-3)).width_double()));
}

TEST_CASE("data enter intervals exactly, and copies keep their precision", "[scalars]") {
  const test::Digits digits(80);
  CHECK(Interval(0.1).width_double() == 0);
  CHECK(Interval(0.1).contains(Wide(0.1)));
  const PrecisionScope coarse(24);
  CHECK(interval_bits() == 24);
  const Interval tenth(0.1);
  CHECK(tenth.width_double() > 0);
  CHECK(tenth.contains(Wide(0.1)));
  Interval kept;
  {
    const PrecisionScope fine(150);
    kept = Interval(1) / Interval(3);
    CHECK(interval_bits() == 150);
  }
  CHECK(interval_bits() == 24);
  CHECK(kept.contains(Wide(1) / 3));
  CHECK(kept.width_double() <= 0x1p-150);
  Interval copy(kept), moved(std::move(copy));
  copy = kept;  // a moved-from interval takes assignments
  CHECK(copy.width_double() == kept.width_double());
  CHECK(moved.contains(Wide(1) / 3));
  Interval& same = moved;
  moved = same;
  CHECK(moved.contains(Wide(1) / 3));
  CHECK(kept.contains(Wide(0.25), 0.1));
  CHECK_FALSE(kept.contains(Wide(0.25), 0.01));
  CHECK_FALSE(kept.contains(Wide(0.25), std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("erfc by its continued fraction contains MPFR's value, and nothing else that is two ulp away", "[scalars]") {
  for (const unsigned bits : {64u, 192u, 1024u}) {
    const PrecisionScope precision(bits);
    for (const double x : {-60.0, -12.5, -5.0, 3.0, 4.5, 6.0, 9.0, 12.5, 27.0, 60.0, 1000.0}) {
      INFO(bits << " bits, x = " << x);
      const Interval range = erfc(Interval(x));
      mpfr_t value;
      mpfr_init2(value, bits);
      mpfr_set_d(value, x, MPFR_RNDN);
      mpfr_erfc(value, value, MPFR_RNDD);
      CHECK(mpfr_cmp(&range.get()->left, value) <= 0);
      for (int step = 0; step < 2; ++step) mpfr_nextbelow(value);
      CHECK(mpfr_cmp(&range.get()->left, value) > 0);
      for (int step = 0; step < 3; ++step) mpfr_nextabove(value);
      CHECK(mpfr_cmp(&range.get()->right, value) >= 0);
      for (int step = 0; step < 2; ++step) mpfr_nextabove(value);
      CHECK(mpfr_cmp(&range.get()->right, value) < 0);
      mpfr_clear(value);
    }
  }
}

TEST_CASE("the constants of every scalar are pi and the root of 2", "[scalars]") {
  const test::Digits digits(80);
  const Wide pi = math::Constants<Wide>::pi(), root = sqrt(Wide(2));
  CHECK(abs(Wide(sin(pi))) < Wide("1e-79"));
  CHECK(math::Constants<Interval>::pi().contains(pi));
  CHECK(math::Constants<Interval>::sqrt2().contains(root));
  const auto close = [&](const Wide& a, const Wide& b, double u) { return test::distance(a, b) <= 2 * u * 4; };
  CHECK(close(to_wide(math::Constants<float>::pi()), pi, 0x1p-24));
  CHECK(close(to_wide(math::Constants<double>::sqrt2()), root, 0x1p-53));
  CHECK(close(to_wide(math::Constants<long double>::pi()), pi, 0x1p-64));
  CHECK(close(to_wide(math::Constants<Float50>::pi()), pi, unit_roundoff<Float50>()));
  CHECK(close(to_wide(math::Constants<Float50>::sqrt2()), root, unit_roundoff<Float50>()));
  CHECK(math::Constants<RunningError>::pi().e >= test::distance(pi, Wide(math::Constants<RunningError>::pi().v)));
  CHECK(math::Constants<Complex<double>>::pi().im == 0);
  CHECK((math::Constants<Dual<double, 4>>::sqrt2().tangent[0] == 0));
  CHECK(math::Constants<Taped<double>>::pi().node == -1);
}

}  // namespace backprove
