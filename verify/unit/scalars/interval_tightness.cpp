#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

namespace backprove {
namespace {

using test::Traits;

/// x with each end moved inward by one unit in its last place.
Interval tightened(Interval x) {
  mpfr_nextabove(&x.get()->left);
  mpfr_nextbelow(&x.get()->right);
  return x;
}
bool is_point(const Interval& x) { return mpfr_equal_p(&x.get()->left, &x.get()->right) != 0; }
bool representable(const Wide& x, unsigned bits) {
  return mpfr_min_prec(x.backend().data()) <= static_cast<mpfr_prec_t>(bits);
}
Interval hull(double a, double b) {
  Interval x;
  mpfi_interv_d(x.get(), std::min(a, b), std::max(a, b));
  return x;
}
/// The elementary functions, all monotone; sigmoid and softplus are made of them with several roundings.
template <class Use>
void for_each_tight_function(Use&& use) {
  test::for_each_smooth_function([&](const Traits& traits, auto f) {
    if (traits.name != "sigmoid" && traits.name != "softplus") use(traits, f);
  });
}

}  // namespace

TEST_CASE("an interval value that is one ulp tighter on each side no longer contains the exact one", "[scalars]") {
  const test::Digits digits(120);
  for_each_tight_function([](const Traits& traits, auto f) {
    std::mt19937_64 random(41);
    int rounded = 0;
    for (int k = 0; k < 300; ++k) {
      const PrecisionScope scope(k % 3 == 0 ? 24 : (k % 3 == 1 ? 53 : 160));
      const double x = static_cast<float>(test::argument(random, traits));
      if (!test::in_domain(traits, x)) continue;
      const Interval y = f(Interval(x));
      const Wide exact = f(Wide(x));
      CAPTURE(traits.name, x, interval_bits(), written(y));
      REQUIRE(y.contains(exact));
      if (is_point(y)) continue;
      ++rounded;
      REQUIRE_FALSE(tightened(y).contains(exact));
    }
    CHECK(rounded > 200);
  });
}

TEST_CASE("the range of a monotone function over an interval ends within an ulp of its values at the ends",
          "[scalars]") {
  const test::Digits digits(120);
  for_each_tight_function([](const Traits& traits, auto f) {
    std::mt19937_64 random(42);
    const PrecisionScope scope(80);
    for (int k = 0; k < 200; ++k) {
      const double a = test::argument(random, traits), b = test::argument(random, traits);
      const Wide at_a = f(Wide(a)), at_b = f(Wide(b));
      if (a == b || representable(at_a, 80) || representable(at_b, 80)) continue;
      const Interval range = f(hull(a, b)), tighter = tightened(range);
      CAPTURE(traits.name, a, b, written(range));
      REQUIRE(range.contains(at_a));
      REQUIRE(range.contains(at_b));
      REQUIRE_FALSE(tighter.contains(at_a));
      REQUIRE_FALSE(tighter.contains(at_b));
    }
  });
}

TEST_CASE("interval operations on points are tight", "[scalars]") {
  const test::Digits digits(120);
  std::mt19937_64 random(43);
  const PrecisionScope scope(53);
  const auto check = [](const Interval& y, const Wide& exact) {
    REQUIRE(y.contains(exact));
    if (!is_point(y)) REQUIRE_FALSE(tightened(y).contains(exact));
  };
  for (int k = 0; k < 500; ++k) {
    const double a = test::between(random, -4, 4),
                 b = test::between(random, -4, 4) * std::exp2(test::between(random, -30, 30));
    check(Interval(a) + Interval(b), Wide(a) + Wide(b));
    check(Interval(a) - Interval(b), Wide(a) - Wide(b));
    check(Interval(a) * Interval(b), Wide(a) * Wide(b));
    check(Interval(a) / Interval(b), Wide(a) / Wide(b));
  }
}

TEST_CASE("on the tape, an interval times itself is a square", "[scalars]") {
  Tape<Interval>& tape = Tape<Interval>::active();
  tape.clear();
  const Taped<Interval> x = tape.input(hull(-1, 2)), y = tape.input(hull(-1, 2)), square = x * x, product = x * y;
  CHECK(mpfr_cmp_si(&square.value.get()->left, 0) == 0);
  CHECK(mpfr_cmp_si(&square.value.get()->right, 4) == 0);
  CHECK(mpfr_cmp_si(&product.value.get()->left, -2) == 0);
  std::vector<Interval> adjoint(static_cast<std::size_t>(tape.size()), Interval(0));
  adjoint[static_cast<std::size_t>(square.node)] = Interval(1);
  tape.reverse(adjoint);
  CHECK(adjoint[0].contains(Wide(-2)));  // 2x
  CHECK(adjoint[0].contains(Wide(4)));
  CHECK(adjoint[0].width_double() == 6);
  tape.clear();
}

}  // namespace backprove
