#include "bench/sampling.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "bench/processor_clock.hpp"

namespace backprove {

namespace {

constexpr double shortest_sample = 2e-5, shortest_warming = 2e-5;
constexpr double short_call = 1e-3, long_call = 2e-3, kept_by_caches = 2e-2;
constexpr Index fewest_rounds = 5, fewest_of_copy = 3;

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Index involuntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

/// Google Benchmark prints nothing: the samples are kept by what it runs.
class Silent : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

void initialise_once() {
  static const bool done = [] {
    // What a call frees the next one gets again, as in a program that goes on: a page that the system must hand out
    // anew costs more than the arithmetic on it.
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);  // never
    std::vector<std::string> words{"backprove", "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> arguments;
    arguments.reserve(words.size());
    for (std::string& word : words) arguments.push_back(word.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    return true;
  }();
  static_cast<void>(done);
}

/// Seconds of a call after the first; of the fastest of several, if they are short.
double time_of(const std::function<void()>& call) {
  call();
  double fastest = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 5; ++k) {
    const double start = wall_clock();
    call();
    fastest = std::min(fastest, wall_clock() - start);
    if (fastest > long_call) break;
  }
  return fastest;
}

/// How often a thing is called for one sample, and before it.
struct Calls {
  Index warming, timed;
  double seconds;  ///< of all of them

  explicit Calls(double once)
      : warming(std::max<Index>(once < kept_by_caches ? 3 : 1, static_cast<Index>(std::ceil(shortest_warming / once)))),
        timed(static_cast<Index>(std::ceil(shortest_sample / once))),
        seconds(once * static_cast<double>(warming + timed)) {}
};

TimeSample sample_of(const std::function<void()>& call, const Calls& calls, bool alone) {
  const double before = wall_clock();
  call();
  const double cold = wall_clock() - before;
  const ProcessorClock processor(alone);  // the threads are there now, and what it touches leaves the caches again
  for (Index k = 1; k < calls.warming; ++k) call();
  const Index switches = involuntary_switches();
  const double cpu = processor.now(), wall = wall_clock();
  for (Index k = 0; k < calls.timed; ++k) call();
  const double wall_end = wall_clock(), n = static_cast<double>(calls.timed);
  return {0, calls.timed, cold, (wall_end - wall) / n, (processor.now() - cpu) / n, involuntary_switches() - switches,
          0};
}

Index most_copies(const Timed& thing) {
  return thing.another ? std::max(thing.most_copies, std::ssize(thing.copies)) : std::ssize(thing.copies);
}

/// Makes as many copies as take turns in so many samples, or leaves those out that do not.
void make_copies(Timed& thing, Index samples) {
  const auto wanted = static_cast<std::size_t>(std::clamp<Index>(samples / fewest_of_copy, 1, most_copies(thing)));
  while (thing.copies.size() < wanted) thing.copies.push_back(thing.another());
  thing.copies.resize(wanted);
}

}  // namespace

std::vector<Index> samples_of(const std::vector<SampleCost>& costs, const SamplingPlan& plan) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return costs[a].seconds < costs[b].seconds; });
  std::vector<Index> counts(costs.size());
  double left = plan.seconds;
  for (std::size_t done = 0; done < order.size(); ++done) {
    const auto [one, copies, most] = costs[order[done]];
    const double share = left / static_cast<double>(order.size() - done);
    const Index more = one < short_call ? plan.short_rounds : std::min(plan.short_rounds, fewest_of_copy * copies);
    const Index wanted = std::min(std::max(plan.rounds, more), most);
    const double affordable = std::min(share / one, static_cast<double>(wanted));
    const Index count = std::max(static_cast<Index>(affordable), std::min({fewest_rounds, plan.rounds, most}));
    counts[order[done]] = count;
    left = std::max(0.0, left - one * static_cast<double>(count));
  }
  return counts;
}

Timings interleaved(std::vector<Timed> things, const SamplingPlan& plan,
                    const std::function<void(Index, Index)>& progress) {
  initialise_once();
  std::vector<Calls> calls;
  std::vector<SampleCost> costs;
  for (const Timed& thing : things) {
    calls.emplace_back(std::max(time_of(thing.copies.front()), 1e-9));
    if (thing.pair >= 0) calls.back() = calls[static_cast<std::size_t>(thing.pair)];
    costs.push_back({calls.back().seconds, most_copies(thing), thing.most_samples});
  }
  const std::vector<Index> counts = samples_of(costs, plan);
  const auto count = [&](std::size_t k) {
    return things[k].pair >= 0 ? counts[static_cast<std::size_t>(things[k].pair)] : counts[k];
  };
  Timings samples;
  samples.of.resize(things.size());
  Index done = 0, total = 0;
  for (std::size_t k = 0; k < things.size(); ++k) {
    total += count(k);
    make_copies(things[k], count(k));
  }
  for (std::size_t k = 0; k < things.size(); ++k)
    benchmark::RegisterBenchmark(things[k].name.c_str(),
                                 [&, k](benchmark::State& state) {
                                   for ([[maybe_unused]] auto unused : state) {
                                     const Index copy = std::ssize(samples.of[k]) % std::ssize(things[k].copies);
                                     const auto& call = things[k].copies[static_cast<std::size_t>(copy)];
                                     TimeSample sample = sample_of(call, calls[k], things[k].alone);
                                     sample.order = done++;
                                     sample.copy = copy;
                                     state.SetIterationTime(sample.wall);
                                     samples.of[k].push_back(sample);
                                     progress(done, total);
                                   }
                                 })
        ->Iterations(1)
        ->Repetitions(static_cast<int>(count(k)))
        ->UseManualTime();
  Silent silent;
  benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::ClearRegisteredBenchmarks();
  return samples;
}

std::vector<double> samples_in_a_row(const std::function<void()>& call, double warming, Index most, double seconds) {
  initialise_once();
  const double begin = wall_clock();
  const auto time_of_calls = [&](Index calls) {
    const double start = wall_clock();
    for (Index k = 0; k < calls; ++k) call();
    return (wall_clock() - start) / static_cast<double>(calls);
  };
  std::vector<double> found;
  double once = time_of_calls(1);
  if (once >= warming) found.push_back(once);
  while (wall_clock() - begin < warming) once = std::min(once, time_of_calls(1));
  const Index calls = Calls(std::max(once, 1e-9)).timed;
  const double end = wall_clock() + seconds;
  while (found.empty() || (std::ssize(found) < most && wall_clock() < end)) found.push_back(time_of_calls(calls));
  return found;
}

double quantile(std::vector<double> numbers, double q) {
  std::sort(numbers.begin(), numbers.end());
  const double place = q * static_cast<double>(numbers.size() - 1);
  const std::size_t low = static_cast<std::size_t>(place), high = std::min(low + 1, numbers.size() - 1);
  return numbers[low] + (place - static_cast<double>(low)) * (numbers[high] - numbers[low]);
}

}  // namespace backprove
