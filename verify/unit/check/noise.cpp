#include "verify/check/noisy.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

TEST_CASE("noise: mean 0, variance 1, tails of a normal distribution; the same for the same seed") {
  Noise noise;
  noise.start(1, 0, 4, 7);
  double sum = 0, squares = 0;
  int beyond_two = 0, beyond_four = 0;
  constexpr int n = 1000000;
  for (int i = 0; i < n; ++i) {
    const double x = noise.normal();
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2 ? 1 : 0;
    beyond_four += std::abs(x) > 4 ? 1 : 0;
  }
  CHECK(std::abs(sum / n) < 0.005);
  CHECK(std::abs(squares / n - 1) < 0.01);
  CHECK(std::abs(beyond_two / double(n) - 0.0455) < 0.002);
  CHECK(beyond_four > 20);
  Noise again;
  again.start(1, 0, 4, 7);
  noise.start(1, 0, 4, 7);
  CHECK(noise.bits() == again.bits());
}

TEST_CASE(
    "noise: without it the arithmetic is exact, with it a sum of k products errs by u sqrt(k) of its magnitudes") {
  thread_noise.start(0, 0, 4, 1);
  CHECK((Noisy<double>(0.1) * Noisy<double>(3.0)).v == 0.1 * 3.0);
  thread_noise.start(0x1p-24, 0, 4, 1);
  const std::vector<Noisy<double>> ones(100, Noisy<double>(1));
  const auto entry = [&](Index k) -> const Noisy<double>& { return ones[static_cast<std::size_t>(k)]; };
  double squares = 0;
  for (int i = 0; i < 10000; ++i) {
    const double error = dot(100, entry, entry, static_cast<const Noisy<double>*>(nullptr)).v - 100;
    squares += error * error;
  }
  CHECK(std::sqrt(squares / 10000) == Approx(0x1p-24 * 10 * 100).epsilon(0.05));
}

}  // namespace
}  // namespace backprove::test
