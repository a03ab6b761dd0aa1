#pragma once

#include <functional>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// Samples of one thing in its turn, once it is warm: wall times in seconds, at least one, at most `most`, none begun
/// after `seconds`.
using Turn = std::function<std::vector<double>(Index turn, Index most, double seconds)>;

/// What one thing gave in each of its turns.
using TurnSamples = std::vector<std::vector<double>>;

/// Turns that everything has: what lasts longer than a few of them, as a shared machine's states do, meets all alike.
inline constexpr Index turns_of_each = 5;

/// Seconds at the beginning of a turn that do not count: what others did is in the caches, and interpreters and
/// allocators take ten calls or more to be as fast as they get.
inline constexpr double warming_of_turn = 0.03;

/// Calls all in turn, turns_of_each times, each time beginning with another, for `samples` of each thing in all, but
/// for no longer than a second at once. Before every turn comes a rest, in which the threads of the one before, which
/// wait for more work by spinning, fall asleep.
std::vector<TurnSamples> take_turns(const std::vector<Turn>& things, Index samples, double seconds);

/// How often the time of ours theirs is, each the fastest of several things, by the p10 of every turn.
struct TurnRatio {
  double median = 0, least = 0, most = 0;  ///< over the turns
};
TurnRatio ratio_of(const std::vector<const TurnSamples*>& theirs, const std::vector<const TurnSamples*>& ours);

/// All samples of all turns.
std::vector<double> all_of(const TurnSamples& turns);

}  // namespace backprove
