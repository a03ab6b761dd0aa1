#include "bench/sampling.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>

namespace backprove {

namespace {

constexpr double shortest_sample = 1e-6;
constexpr Index fewest_rounds = 5;

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_clock() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
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
    if (fastest > 1000 * shortest_sample) break;
  }
  return fastest;
}

TimeSample sample_of(const std::function<void()>& call, Index calls) {
  call();
  const Index switches = involuntary_switches();
  const double cpu = cpu_clock(), wall = wall_clock();
  for (Index k = 0; k < calls; ++k) call();
  const double wall_end = wall_clock(), n = static_cast<double>(calls);
  return {0, calls, (wall_end - wall) / n, (cpu_clock() - cpu) / n, involuntary_switches() - switches};
}

}  // namespace

Timings interleaved(const std::vector<Timed>& things, const SamplingPlan& plan,
                    const std::function<void(Index, Index)>& progress) {
  initialise_once();
  std::vector<Index> calls;
  double round = 0;
  for (const Timed& thing : things) {
    const double once = std::max(time_of(thing.call), 1e-9);
    calls.push_back(static_cast<Index>(std::ceil(shortest_sample / once)));
    round += once * static_cast<double>(1 + calls.back());
  }
  Timings samples;
  const double affordable = std::min(plan.seconds / round, static_cast<double>(plan.rounds));
  samples.rounds = std::max(static_cast<Index>(affordable), std::min(fewest_rounds, plan.rounds));
  samples.of.resize(things.size());
  Index done = 0;
  const Index total = samples.rounds * static_cast<Index>(things.size());
  for (std::size_t k = 0; k < things.size(); ++k)
    benchmark::RegisterBenchmark(things[k].name.c_str(),
                                 [&, k](benchmark::State& state) {
                                   for ([[maybe_unused]] auto unused : state) {
                                     TimeSample sample = sample_of(things[k].call, calls[k]);
                                     sample.order = done++;
                                     state.SetIterationTime(sample.wall);
                                     samples.of[k].push_back(sample);
                                     progress(done, total);
                                   }
                                 })
        ->Iterations(1)
        ->Repetitions(static_cast<int>(samples.rounds))
        ->UseManualTime();
  Silent silent;
  benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::ClearRegisteredBenchmarks();
  return samples;
}

double quantile(std::vector<double> numbers, double q) {
  std::sort(numbers.begin(), numbers.end());
  const double place = q * static_cast<double>(numbers.size() - 1);
  const std::size_t low = static_cast<std::size_t>(place), high = std::min(low + 1, numbers.size() - 1);
  return numbers[low] + (place - static_cast<double>(low)) * (numbers[high] - numbers[low]);
}

}  // namespace backprove
