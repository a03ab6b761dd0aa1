#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// Something to time, under a name of its own.
struct Timed {
  std::string name;
  std::function<void()> call;
};

/// One sample: the mean over `calls` calls, in seconds a call.
struct TimeSample {
  Index order = 0;  ///< its place among all samples of the block
  Index calls = 1;
  double wall = 0;
  double cpu = 0;              ///< of all threads of the process
  Index context_switches = 0;  ///< involuntary ones, during the sample
};

struct SamplingPlan {
  Index rounds = 50;
  double seconds = 60;  ///< fewer rounds, but never less than 5, when a block would take longer
};

struct Timings {
  Index rounds = 0;
  std::vector<std::vector<TimeSample>> of;  ///< in the order of what was timed
};

/// Timings of everything in one random order, by Google Benchmark's interleaved repetitions of one iteration: machine
/// noise that lasts longer than a call then meets all alike. Before every sample one call of the same thing is not
/// timed, since the others leave cold caches. A sample is one call, or as many as take a microsecond: a thousand ticks
/// of the clock. `progress` is told after every sample how many are done.
Timings interleaved(const std::vector<Timed>& things, const SamplingPlan& plan,
                    const std::function<void(Index done, Index total)>& progress);

/// The q-quantile by linear interpolation between the order statistics (definition 7 of Hyndman and Fan 1996).
double quantile(std::vector<double> numbers, double q);

}  // namespace backprove
