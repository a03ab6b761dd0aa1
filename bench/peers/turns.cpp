#include "bench/peers/turns.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/sampling.hpp"

namespace backprove {

namespace {

/// Shorter than the states of a shared machine, which last seconds to minutes.
constexpr double longest_turn = 1, longest_wait_for_more = 5;

/// The fastest of several things in one turn, of those that did not give up.
double fastest(const std::vector<const TurnSamples*>& things, std::size_t turn) {
  double least = std::numeric_limits<double>::infinity();
  for (const TurnSamples* one : things)
    if (!(*one)[turn].empty()) least = std::min(least, quantile((*one)[turn], 0.1));
  return least;
}

}  // namespace

std::vector<TurnSamples> take_turns(const std::vector<Turn>& things, Index fewest, Index samples, double seconds,
                                    const std::function<bool(const std::vector<TurnSamples>&)>& settled) {
  using Clock = std::chrono::steady_clock;
  const auto enough = Clock::now() + std::chrono::duration<double>(longest_wait_for_more);
  const Index most = (samples + fewest - 1) / fewest;
  const double longest = std::min(longest_turn, seconds / static_cast<double>(fewest));
  std::vector<TurnSamples> found(things.size());
  for (Index turn = 0; turn < most_turns; ++turn) {
    if (turn >= fewest && (Clock::now() >= enough || settled(found))) break;
    for (std::size_t k = 0; k < things.size(); ++k) {
      const std::size_t one = (k + static_cast<std::size_t>(turn)) % things.size();
      found[one].push_back(things[one](turn, most, longest));
    }
  }
  return found;
}

TurnRatio ratio_of(const std::vector<const TurnSamples*>& theirs, const std::vector<const TurnSamples*>& ours) {
  std::vector<double> ratios;
  for (std::size_t turn = 0; turn < ours.front()->size(); ++turn)
    ratios.push_back(fastest(theirs, turn) / fastest(ours, turn));
  return {quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75), std::ssize(ratios)};
}

std::vector<double> all_of(const TurnSamples& turns) {
  std::vector<double> all;
  for (const std::vector<double>& one : turns) all.insert(all.end(), one.begin(), one.end());
  return all;
}

}  // namespace backprove
