#pragma once

#include <functional>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// Samples of one thing in its turn, once it is warm: wall times in seconds, at least one, at most `most`, none begun
/// after `seconds`; none from a thing that gave up.
using Turn = std::function<std::vector<double>(Index turn, Index most, double seconds)>;

/// What one thing gave in each of its turns.
using TurnSamples = std::vector<std::vector<double>>;

/// Turns that everything has: what lasts longer than a few of them, as a shared machine's states do, meets all alike.
inline constexpr Index usual_turns = 5, most_turns = 15;

/// Seconds at the beginning of a turn that do not count: what others did is in the caches, their threads wait for more
/// work by spinning (GNU's OpenMP up to 15 ms, OpenBLAS 25), and interpreters and allocators take ten calls or more to
/// be as fast as they get.
inline constexpr double warming_of_turn = 0.03;

/// Calls all in turn, each time beginning with another: `fewest` times for `samples` of each thing in all, and then up
/// to most_turns as long as `settled` says no of what was found and they have taken less than 5 s. None takes more
/// samples than fit into a second, nor in the fewest turns more than fit into `seconds`.
std::vector<TurnSamples> take_turns(const std::vector<Turn>& things, Index fewest, Index samples, double seconds,
                                    const std::function<bool(const std::vector<TurnSamples>&)>& settled);

/// How often the time of ours theirs is, each the fastest of several things, by the p10 of every turn.
struct TurnRatio {
  double median = 0, lower = 0, upper = 0;  ///< over the turns; the quartiles
  Index turns = 0;

  /// Whether more turns would hardly change the median: the middle half lies within a tenth.
  bool settled() const { return upper <= 1.1 * lower; }
};
TurnRatio ratio_of(const std::vector<const TurnSamples*>& theirs, const std::vector<const TurnSamples*>& ours);

/// All samples of all turns.
std::vector<double> all_of(const TurnSamples& turns);

}  // namespace backprove
