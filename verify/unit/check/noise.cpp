#include "verify/check/noisy.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

using Number = Noisy<double>;

void start_single(std::uint64_t run) { thread_noise.start(0x1p-24, 0x1p-149, 4, run); }

/// Root mean square over runs of f(), which starts from the same numbers in each.
template <class F>
double deviation(int runs, double exact, F&& f) {
  double squares = 0;
  for (int run = 0; run < runs; ++run) {
    start_single(static_cast<std::uint64_t>(run));
    const double error = f() - exact;
    squares += error * error;
  }
  return std::sqrt(squares / runs);
}

Number sum_of_products(const std::vector<double>& terms) {
  const std::vector<Number> numbers(terms.begin(), terms.end());
  const Number one(1);
  const auto entry = [&](Index k) -> const Number& { return numbers[static_cast<std::size_t>(k)]; };
  const auto unit = [&](Index) -> const Number& { return one; };
  return dot(static_cast<Index>(terms.size()), entry, unit, static_cast<const Number*>(nullptr));
}

Number sum_one_by_one(const std::vector<double>& terms) {
  Number sum(0);
  for (const double term : terms) sum += Number(term);
  return sum;
}

TEST_CASE("noise: mean 0, variance 2 (3/4)^2, tails of a sum of eight uniform numbers, the same for the same run") {
  Noise noise;
  noise.start(0x1p-24, 0, 4, 7);
  double sum = 0, squares = 0;
  int beyond_two = 0, beyond_three = 0, beyond_four = 0;
  constexpr int n = 1000000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double x = noise.error(i) / std::sqrt(1.125);
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2 ? 1 : 0;
    beyond_three += std::abs(x) > 3 ? 1 : 0;
    beyond_four += std::abs(x) > 4 ? 1 : 0;
  }
  CHECK(std::abs(sum / n) < 0.005);
  CHECK(std::abs(squares / n - 1) < 0.01);
  // Irwin & Hall: below t <= 1 lies t^8/8!, below t <= 2 less 8 (t - 1)^8/8!, and so on; a deviation is sqrt(8/12).
  // A normal distribution has 0.0455, 0.0027 and 6.3e-5.
  CHECK(std::abs(beyond_two / double(n) - 0.0440) < 0.001);
  CHECK(std::abs(beyond_three / double(n) - 0.001653) < 0.0002);
  CHECK(beyond_four < 15);  // 4.2 are expected
  Noise again;
  again.start(0x1p-24, 0, 4, 7);
  noise.start(0x1p-24, 0, 4, 7);
  CHECK(noise.error(5) == again.error(5));
  again.start(0x1p-24, 0, 4, 8);
  CHECK(noise.error(5) != again.error(5));
}

TEST_CASE("noise: half of the variance belongs to the operands, in the digits of the arithmetic") {
  double together = 0, apart = 0;
  for (std::uint64_t run = 0; run < 20000; ++run) {
    start_single(run);
    const double x = 0.1, a = (Number(x) * Number(0.3)).v - x * 0.3;
    const double b = (Number(x * (1 + 0x1p-40)) * Number(0.3)).v - x * (1 + 0x1p-40) * 0.3;
    const double c = (Number(x * (1 + 0x1p-20)) * Number(0.3)).v - x * (1 + 0x1p-20) * 0.3;
    together += a * b;
    apart += a * c;
  }
  const double half = 20000 * 0.5625 * std::pow(0x1p-24 * 0.03, 2);
  CHECK(together / half == Approx(1).margin(0.1));
  CHECK(std::abs(apart / half) < 0.1);
}

TEST_CASE("noise: what is exact in every arithmetic is exact") {
  start_single(1);
  CHECK((Number(0.0) * Number(3.7)).v == 0);
  CHECK((Number(0.1) - Number(0.1)).v == 0);
  CHECK((Number(0.1) + Number(0.0)).v == 0.1);
  CHECK(sum_of_products({0, 0, 0}).v == 0);
  thread_noise.start(0, 0, 4, 1);
  CHECK((Number(0.1) * Number(3.0)).v == 0.1 * 3.0);
  CHECK(exp(Number(0.5)).v == std::exp(0.5));
}

TEST_CASE("noise: a product below the smallest subnormal is off by one") {
  CHECK(deviation(1000, 0, [] { return (Number(1e-30) * Number(1e-30)).v; }) == Approx(0x1p-149).epsilon(0.2));
}

TEST_CASE(
    "noise: sums of different terms err by u sqrt(k), of equal ones by a share of k u, however they are written") {
  constexpr int k = 1000;
  std::vector<double> different(k), equal(k, 0.1);
  double exact = 0;
  for (std::size_t i = 0; i < k; ++i) exact += different[i] = 0.1 * (1 + 0.5 * std::sin(static_cast<double>(i)));
  const double unit = 0x1p-24 * 100;
  CHECK(deviation(2000, exact, [&] { return sum_of_products(different).v; }) / unit == Approx(34).epsilon(0.15));
  CHECK(deviation(2000, exact, [&] { return sum_one_by_one(different).v; }) / unit == Approx(19).epsilon(0.25));
  // A sequential sum in float loses up to 2/3 k u of them, as it happens 164 u here; a bar is 7.5 to 10 deviations.
  CHECK(deviation(2000, 100, [&] { return sum_of_products(equal).v; }) / unit > 100);
  CHECK(deviation(2000, 100, [&] { return sum_one_by_one(equal).v; }) / unit > 100);
}

TEST_CASE("noise: the slope of expm1 as expm1 + 1, and a variance as a difference of means") {
  CHECK(deviation(1000, std::exp(-11), [] { return slope_of_expm1(Number(-11)).v; }) == Approx(0x1p-24).epsilon(0.15));
  CHECK(deviation(1000, 1, [] { return variance(Number(1.0), Number(100.0), 16).v; }) ==
        Approx(0x1p-24 * 10001 * 3).epsilon(0.15));
  CHECK(deviation(1000, 1, [] { return variance(Number(1.0), Number(0.0), 16).v; }) <= 0x1p-24 * 16);
}

}  // namespace
}  // namespace backprove::test
