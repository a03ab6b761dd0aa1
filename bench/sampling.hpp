#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// Something to time, under a name of its own: one call, or several that do the same on memory of their own.
struct Timed {
  std::string name;
  std::vector<std::function<void()>> copies;
  Index pair = -1;  ///< place of an earlier thing that has as many samples as this one; -1: there is none
  std::function<std::function<void()>()> another = {};  ///< makes one more copy; empty: those above are all
  Index most_copies = 1;                                ///< to make
  Index most_samples = 1 << 30;                         ///< that are wanted
  bool alone = false;  ///< the calling thread does it; that others wait for work, spinning, is not its processor time
};

/// One sample: the mean over `calls` calls, in seconds a call.
struct TimeSample {
  Index order = 0;  ///< its place among all samples of the block
  Index calls = 1;
  double cold = 0;  ///< the first of the calls before it: one call, in the caches that the others left
  double wall = 0;
  double cpu = 0;              ///< of all threads of the process, or of the calling one (`Timed::alone`)
  Index context_switches = 0;  ///< involuntary ones, during the sample
  Index copy = 0;              ///< which of the copies was called
};

struct SamplingPlan {
  Index rounds = 50;    ///< samples of everything
  double seconds = 60;  ///< fewer samples, but never less than 5 of everything, when they would take longer
  /// More samples of what takes less than a millisecond, where the seconds allow; of anything else up to so many, as
  /// far as each of its copies gets three.
  Index short_rounds = 0;
};

struct Timings {
  std::vector<std::vector<TimeSample>> of;  ///< in the order of what was timed
};

/// One thing's sample takes so many seconds, and it can have so many copies.
struct SampleCost {
  double seconds;
  Index copies = 1;
  Index most = 1 << 30;  ///< samples that are wanted
};
/// How many samples each of several things gets: the cheapest first take what the plan wants, within an equal share of
/// what is left of its seconds.
std::vector<Index> samples_of(const std::vector<SampleCost>& costs, const SamplingPlan& plan);

/// Timings of everything in one random order, by Google Benchmark's repetitions of one iteration: machine noise that
/// lasts longer than a call then meets all alike. Before every sample come calls of the same thing that are not in it,
/// one, three below 20 ms (what the caches hold is there after them), or as many as take 20 microseconds, since the
/// others leave cold caches, and what they changed there has to be written back; the first of them is timed by itself.
/// A sample is one call, or as many as take 20 microseconds: a thousand ticks of the coarsest clock that was met. The
/// copies of a thing take turns, as many of them as get three samples each; no more are made. `progress` is told after
/// every sample how many are done.
Timings interleaved(std::vector<Timed> things, const SamplingPlan& plan,
                    const std::function<void(Index done, Index total)>& progress);

/// Wall times of one thing, called by itself: at least one, at most `most`, none begun later than `seconds` after the
/// warming: calls for so many seconds that do not count, unless the first takes longer. Each is a mean over as many
/// calls as take 20 microseconds, as above.
std::vector<double> samples_in_a_row(const std::function<void()>& call, double warming, Index most, double seconds);

/// The q-quantile by linear interpolation between the order statistics (definition 7 of Hyndman and Fan 1996).
double quantile(std::vector<double> numbers, double q);

}  // namespace backprove
