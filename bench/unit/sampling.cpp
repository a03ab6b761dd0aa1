#include "bench/sampling.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <set>
#include <thread>

#include "bench/probes/peak_memory.hpp"
#include "core/parallel.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

TEST_CASE("sampling: quantiles lie between the order statistics") {
  CHECK(quantile({3}, 0.1) == 3);
  CHECK(quantile({4, 1, 3, 2, 5}, 0.5) == 3);
  CHECK(quantile({4, 1, 3, 2, 5}, 0) == 1);
  CHECK(quantile({4, 1, 3, 2, 5}, 1) == 5);
  CHECK(quantile({1, 2}, 0.25) == Approx(1.25));
}

TEST_CASE("sampling: every round has one sample of everything, in random order, after one that is cold") {
  constexpr Index rounds = 40;
  std::vector<int> calls(3, 0);
  std::vector<Timed> things;
  for (std::size_t k = 0; k < calls.size(); ++k)
    things.push_back({"thing " + std::to_string(k), {[&calls, k] {
                        ++calls[k];
                        std::this_thread::sleep_for(std::chrono::microseconds(50));
                      }}});
  Index told = 0;
  const Timings samples = interleaved(things, {rounds, 60}, [&](Index done, Index total) {
    told = done;
    CHECK(total == 3 * rounds);
  });
  CHECK(told == 3 * rounds);
  std::set<Index> orders;
  bool in_one_piece = true;
  for (std::size_t k = 0; k < calls.size(); ++k) {
    REQUIRE(samples.of[k].size() == rounds);
    // Before, to see how long a call takes: one, and up to five that are timed.
    // Short calls run three times before a sample.
    const int first = calls[k] - static_cast<int>(4 * rounds);
    CHECK(first >= 2);
    CHECK(first <= 6);
    for (const TimeSample& sample : samples.of[k]) {
      CHECK(sample.calls == 1);
      CHECK(sample.wall >= 50e-6);
      CHECK(sample.cold >= 50e-6);
      CHECK(sample.cpu >= 0);
      orders.insert(sample.order);
    }
    in_one_piece = in_one_piece && samples.of[k].back().order - samples.of[k].front().order == rounds - 1;
  }
  CHECK(orders.size() == 3 * rounds);
  CHECK(*orders.rbegin() == 3 * rounds - 1);
  CHECK(!in_one_piece);
}

/// Takes so much of the calling thread's processor time.
void work(double seconds) {
  const auto used = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  for (const double begin = used(); used() < begin + seconds;) continue;
}

TEST_CASE("sampling: processor time is that of all threads, up to this moment, or of one") {
  constexpr double each = 3e-4;
  const auto team = [] { on_each(2, [](Index) { work(each); }); };
  const Timings samples = interleaved({{"two", {team}}}, {20, 60}, [](Index, Index) {});
  for (const TimeSample& sample : samples.of.front()) CHECK(sample.cpu >= 2 * each);
  Timed alone{"one", {[] { work(each); }}};
  alone.alone = true;
  std::atomic<bool> ended = false;
  std::jthread other([&] {
    while (!ended) work(each);
  });
  const Timings of_one = interleaved({alone}, {20, 60}, [](Index, Index) {});
  ended = true;
  for (const TimeSample& sample : of_one.of.front()) {
    CHECK(sample.cpu >= each);
    CHECK(sample.cpu < 2 * each);
  }
}

TEST_CASE("sampling: short calls are timed together, long blocks take fewer rounds") {
  int calls = 0;
  const auto ignore = [](Index, Index) {};
  const Timings fast = interleaved({{"fast", {[&] { ++calls; }}}}, {10, 60}, ignore);
  CHECK(fast.of.front().front().calls > 1);
  const auto sleep = [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
  const Timings slow = interleaved({{"slow", {sleep}}, {"its pair", {sleep}, 0}}, {1000, 0.2}, ignore);
  CHECK(slow.of[0].size() >= 5);
  CHECK(slow.of[0].size() <= 10);
  CHECK(slow.of[1].size() == slow.of[0].size());
}

TEST_CASE("sampling: the first call after the others is timed by itself") {
  // Each is slow when the other one was called before it.
  int last = 0;
  const auto thing = [&](int me) {
    return [&last, me] {
      std::this_thread::sleep_for(std::chrono::microseconds(last == me ? 200 : 4000));
      last = me;
    };
  };
  const Timings samples = interleaved({{"one", {thing(1)}}, {"two", {thing(2)}}}, {30, 60}, [](Index, Index) {});
  Index changes = 0, slow = 0;
  for (const auto& list : samples.of)
    for (const TimeSample& sample : list) {
      changes += sample.cold > 2e-3 ? 1 : 0;
      slow += sample.wall > 2e-3 ? 1 : 0;
    }
  CHECK(changes >= 10);       // of about thirty
  CHECK(2 * slow < changes);  // none, unless the machine was elsewhere
}

TEST_CASE("sampling: copies take turns, as many as get three samples each") {
  std::vector<int> calls(4, 0);
  const auto copy = [&calls](std::size_t k) {
    return [&calls, k] {
      ++calls[k];
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    };
  };
  Timed thing{"thing", {copy(0), copy(1), copy(2), copy(3)}};
  const auto turns = [&](Index rounds, double seconds) {
    std::vector<Index> of_copy(calls.size(), 0);
    const Timings samples = interleaved({thing}, {rounds, seconds, 200}, [](Index, Index) {});
    for (const TimeSample& sample : samples.of.front()) ++of_copy[static_cast<std::size_t>(sample.copy)];
    return of_copy;
  };
  CHECK(turns(2, 60) == std::vector<Index>{3, 3, 3, 3});
  CHECK(calls[3] == 12);  // three before every sample, and one in it
  CHECK(turns(24, 60) == std::vector<Index>{6, 6, 6, 6});
  const std::vector<Index> few = turns(24, 0.1);  // a sample takes 20 ms or more
  CHECK(few[0] == 5);
  CHECK(few[1] == 0);
}

TEST_CASE("sampling: copies are made where there are samples for them") {
  int made = 0;
  const auto sleep = [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
  const auto another = [&]() -> std::function<void()> {
    ++made;
    return sleep;
  };
  const auto ignore = [](Index, Index) {};
  CHECK(interleaved({{"thing", {sleep}, -1, another, 3}}, {2, 60, 200}, ignore).of.front().size() == 9);
  CHECK(made == 2);
  CHECK(interleaved({{"thing", {sleep}, -1, another, 3}}, {5, 0.1, 200}, ignore).of.front().size() == 5);
  CHECK(made == 2);
}

TEST_CASE("sampling: the seconds go to the short ones first, and everything has five samples") {
  const SamplingPlan plan{50, 10, 200};
  CHECK(samples_of({{1e-5}, {1e-4}}, plan) == std::vector<Index>{200, 200});
  CHECK(samples_of({{2e-3}, {1e-4}}, plan) == std::vector<Index>{50, 200});
  // A second for the short one leaves 4.5 each, and more where the first does not need it.
  CHECK(samples_of({{1}, {0.02}, {0.9}}, plan) == std::vector<Index>{5, 50, 5});
  CHECK(samples_of({{0.1}, {0.02}}, plan) == std::vector<Index>{50, 50});
  // No more than are wanted of each; the long one has what is left.
  CHECK(samples_of({{1e-5, 1, 24}, {1, 1, 24}, {1e-4, 1, 3}}, plan) == std::vector<Index>{24, 9, 3});
  CHECK(samples_of({{0.5}, {0.02}}, plan) == std::vector<Index>{18, 50});
  CHECK(samples_of({{100}}, plan) == std::vector<Index>{5});
  CHECK(samples_of({{100}}, {2, 10}) == std::vector<Index>{2});
  CHECK(samples_of({{1e-5}}, {50, 10, 20}) == std::vector<Index>{50});
  // Three of every copy, where the seconds allow it.
  CHECK(samples_of({{0.02, 20}}, plan) == std::vector<Index>{60});
  CHECK(samples_of({{0.02, 20}}, {50, 1, 200}) == std::vector<Index>{50});
  CHECK(samples_of({{0.02, 20}}, {10, 10, 30}) == std::vector<Index>{30});
  CHECK(samples_of({{0.02, 20}}, {10, 10}) == std::vector<Index>{10});
  CHECK(samples_of({{0.02, 4}}, plan) == std::vector<Index>{50});
}

TEST_CASE("sampling: in a row, what is called while it warms does not count unless one call takes longer") {
  const auto sleeping = [](Index microseconds, Index& calls) {
    return [microseconds, &calls] {
      ++calls;
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
    };
  };
  Index calls = 0;
  std::vector<double> found = samples_in_a_row(sleeping(30000, calls), 0.02, 3, 60);
  CHECK(found.size() == 3);
  CHECK(calls == 3);
  CHECK(std::ranges::min(found) >= 0.03);
  calls = 0;
  found = samples_in_a_row(sleeping(30000, calls), 0.02, 3, 0);  // nothing is begun after the first
  CHECK(found.size() == 1);
  CHECK(calls == 1);
  calls = 0;
  found = samples_in_a_row(sleeping(5000, calls), 0.2, 3, 60);
  CHECK(found.size() == 3);
  CHECK(calls > 4);  // the first, one or more that warm, and three
  CHECK(std::ranges::min(found) >= 0.005);
  // Short calls are timed together: a sample is their mean.
  calls = 0;
  found = samples_in_a_row([&] { ++calls; }, 0, 4, 60);
  CHECK(found.size() == 4);
  CHECK(calls > 100);
}

TEST_CASE("probes: the peak of the resident memory counts what was there for a moment only") {
  static constexpr std::size_t held = 40 << 20, passing = 80 << 20;
  const double peak = peak_bytes([] {
    auto numbers = std::make_shared<std::vector<char>>(held, '\1');
    return [numbers] {
      std::vector<char> more(passing, '\1');
      CHECK(more[more.size() / 2] + (*numbers)[1] == 2);
    };
  });
  if (std::isnan(peak)) {
    WARN("this kernel tells no peak of the resident memory");
    return;
  }
  CHECK(peak == Approx(held + passing).epsilon(0.05));
}

}  // namespace
}  // namespace backprove::test
