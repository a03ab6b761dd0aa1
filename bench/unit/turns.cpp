#include "bench/peers/turns.hpp"

#include "verify/unit/catch.hpp"

namespace backprove::test {

TEST_CASE("peers: the ratio is that of the fastest of each in every turn") {
  const TurnSamples one{{4}, {4}, {4}, {}, {8}}, two{{2}, {6}, {6}, {6}, {6}}, ours{{1}, {1}, {2}, {3}, {3}};
  const TurnRatio ratio = ratio_of({&one, &two}, {&ours});  // 2, 4, 2, 2, 2
  CHECK(ratio.median == Approx(2));
  CHECK(ratio.lower == Approx(2));
  CHECK(ratio.upper == Approx(2));
  CHECK(ratio.turns == 5);
  CHECK(ratio.settled());
  CHECK_FALSE(ratio_of({&two}, {&ours}).settled());  // 2, 6, 3, 2, 2
}

TEST_CASE("peers: all have every turn, each begins in turn, and there are more while the ratio is not settled") {
  std::vector<std::pair<int, Index>> order;
  std::vector<Turn> things;
  for (int k = 0; k < 2; ++k)
    things.push_back([&order, k](Index turn, Index most, double seconds) {
      CHECK(most == 2);
      CHECK(seconds == Approx(0.2));
      order.emplace_back(k, turn);
      return std::vector{1.0};
    });
  const auto turns = [&](Index settled_behind) {
    order.clear();
    const auto settled = [&](const std::vector<TurnSamples>& so_far) {
      CHECK(so_far.size() == 2);
      CHECK(so_far[0].size() == so_far[1].size());
      return std::ssize(so_far[0]) >= settled_behind;
    };
    return std::ssize(take_turns(things, usual_turns, 7, 1, settled).front());
  };
  CHECK(turns(0) == usual_turns);
  CHECK(order == std::vector<std::pair<int, Index>>{
                     {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {1, 2}, {1, 3}, {0, 3}, {0, 4}, {1, 4}});
  CHECK(turns(8) == 8);
  CHECK(turns(1000) == most_turns);
}

TEST_CASE("peers: as few turns as are asked for, with more samples in each") {
  for (const Index fewest : {1, 2, 7}) {
    Index samples = 0;
    const Turn turn = [&](Index, Index most, double) {
      samples += most;
      return std::vector{1.0};
    };
    const auto settled = [](const std::vector<TurnSamples>&) { return true; };
    CHECK(std::ssize(take_turns({turn}, fewest, 14, 1, settled).front()) == fewest);
    CHECK(samples == 14);
  }
}

}  // namespace backprove::test
