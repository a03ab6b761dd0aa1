#include "core/kernels/balls/kernel.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/certified/problems.hpp"

/// Enclosures hold with nothing to spare: where one operation rounds, an enclosure tightened by one unit in the last
/// place on either side loses the exact value, and a test of containment sees it.
namespace backprove {
namespace {

using test::Sample;

enum class Side { lower, upper };

/// x with one side moved inward by one unit in the last place of its precision.
Interval tightened(const Interval& x, Side side) {
  Interval result(x);
  if (side == Side::lower)
    mpfr_nextabove(&result.get()->left);
  else
    mpfr_nextbelow(&result.get()->right);
  return result;
}

/// Containment holds, and is lost on either side by one unit.
struct Lost {
  bool lower, upper;
};
Lost check_tightened(const Interval& enclosure, const Wide& exact) {
  REQUIRE(enclosure.contains(exact));
  return {!tightened(enclosure, Side::lower).contains(exact), !tightened(enclosure, Side::upper).contains(exact)};
}

constexpr unsigned bits = 53;

}  // namespace

TEST_CASE("tightened by one ulp, the enclosure of an elementary function fails", "[certified]") {
  const test::Digits digits(80);
  const PrecisionScope scope(bits);
  const auto check = [](const test::Traits& traits, auto f) {
    std::mt19937_64 random(61);
    int arguments = 0, lower = 0, upper = 0;
    while (arguments < 200) {
      const double x = test::argument(random, traits);
      if (std::abs(x) > 8) continue;  // beyond, erf is 1 to all of Wide's digits
      const Interval y = f(Interval(x));
      if (y.width_double() == 0)
        continue;  // exact, or rounded to a point only by a formula that is no single operation
      const Lost lost = check_tightened(y, f(Wide(x)));
      ++arguments;
      lower += lost.lower ? 1 : 0;
      upper += lost.upper ? 1 : 0;
    }
    CAPTURE(traits.name, lower, upper);
    if (traits.name == "sigmoid" || traits.name == "softplus") {  // several operations: only some are worst cases
      CHECK(lower > 0);
      CHECK(upper > 0);
    } else {
      CHECK(lower == arguments);
      CHECK(upper == arguments);
    }
  };
  test::for_each_smooth_function(check);
  test::for_each_circular_function(check);
}

TEST_CASE("tightened by one ulp, the enclosure of an operation fails", "[certified]") {
  const test::Digits digits(80);
  const PrecisionScope scope(bits);
  std::mt19937_64 random(62);
  for (int k = 0; k < 500; ++k) {
    const double a = test::between(random, 1, 2), b = test::between(random, 0.01, 0.5);
    const std::vector<std::pair<Interval, Wide>> results{{Interval(a) + Interval(b), Wide(a) + Wide(b)},
                                                         {Interval(a) - Interval(b), Wide(a) - Wide(b)},
                                                         {Interval(a) * Interval(b), Wide(a) * Wide(b)},
                                                         {Interval(a) / Interval(b), Wide(a) / Wide(b)}};
    for (const auto& [interval, exact] : results) {
      if (interval.width_double() == 0) continue;
      const Lost lost = check_tightened(interval, exact);
      REQUIRE((lost.lower && lost.upper));
    }
  }
}

TEST_CASE("tightened by one ulp, the enclosure of a gradient fails at a stage of one rounding", "[certified]") {
  const test::Digits digits(80);
  // z = w x + b = 1 + 2^-60 is the only rounding: the derivative of (z - 0)^2 by b is 2 z, between 2 and its neighbour.
  Sample sample("affine(1,1)", "squared_error", 1, 1);
  sample.data.theta << 1, 0x1p-60;
  sample.data.x(0, 0) = 1;
  sample.data.y(0, 0) = 0;
  Options options;
  options.most_bits = bits;
  const Gradient<Interval> enclosure = enclose_gradient_by(mpfi_enclosure(), sample.problem(), options);
  const Gradient<Rational> exact = rational_gradient(sample.problem(), options);
  const Interval& by_bias = enclosure.parameters(1);
  CHECK(to_wide(exact.parameters(1)) == Wide(2) + Wide(0x1p-59));
  CHECK(by_bias.width_double() == 0x1p-51);
  const Lost lost = check_tightened(by_bias, to_wide(exact.parameters(1)));
  CHECK(lost.lower);
  CHECK(lost.upper);
}

}  // namespace backprove
