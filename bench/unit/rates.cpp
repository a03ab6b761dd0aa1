#include "bench/probes/rates.hpp"

#include <chrono>

#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

using Way = MeasuredRates::Way;

/// Counts its calls, and takes a while.
Way way(const char* name, int& calls, int microseconds, double times = 1) {
  return {{name, {[&calls, microseconds] {
             ++calls;
             const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
             while (std::chrono::steady_clock::now() < end) continue;
           }}},
          times};
}

TEST_CASE("rates: each thing is measured once, or by somebody else together with other things") {
  MeasuredRates rates({3, 1});
  int made = 0, calls = 0;
  const auto ask = [&] {
    return rates.seconds("thing", [&] {
      ++made;
      return way("only", calls, 50, 2);
    });
  };
  const double once = ask();
  CHECK(once >= 25e-6);  // half of a call
  CHECK(ask() == once);
  CHECK(made == 1);
  // Anew, by somebody else.
  const std::vector<Way> needed = rates.needed([&] {
    ask();
    ask();
  });
  REQUIRE(needed.size() == 1);
  CHECK(made == 2);
  CHECK(needed.front().timed.name == "only");
  TimeSample sample;
  sample.wall = 6;
  rates.know({{sample}});
  CHECK(ask() == 3);
  CHECK(made == 2);
}

TEST_CASE("rates: which way is the fastest is found out once, here or elsewhere") {
  int slow = 0, fast = 0;
  const auto make = [&](const MeasuredRates::Wanted& wanted) {
    std::vector<Way> ways;
    if (wanted("slow")) ways.push_back(way("slow", slow, 200));
    if (wanted("fast")) ways.push_back(way("fast", fast, 20));
    return ways;
  };
  MeasuredRates rates({3, 1});
  const auto ask = [&] { return rates.fastest("thing", make); };
  CHECK(ask().by == "fast");
  CHECK(rates.fastest_ways().at("thing") == "fast");
  const int before = slow;
  const std::vector<Way> needed = rates.needed([&] { CHECK(ask().by == "fast"); });
  REQUIRE(needed.size() == 1);
  CHECK(needed.front().timed.name == "fast");
  CHECK(slow == before);
  // Nobody knows which, and it is found out while it is asked.
  MeasuredRates first({3, 1});
  const std::vector<Way> found = first.needed([&] { first.fastest("thing", make); });
  REQUIRE(found.size() == 1);
  CHECK(found.front().timed.name == "fast");
  CHECK(slow > before);
  MeasuredRates other({3, 1});
  other.learn({{"thing", "slow"}});
  CHECK(other.fastest("thing", make).by == "slow");
  // What is not to be had here is found out again.
  MeasuredRates third({3, 1});
  third.learn({{"thing", "elsewhere"}});
  CHECK(third.fastest("thing", make).by == "fast");
  CHECK_THROWS_AS(third.fastest("nothing", [](const auto&) { return std::vector<Way>(); }), std::logic_error);
}

}  // namespace
}  // namespace backprove::test
