#include "bench/peers/turns.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "bench/sampling.hpp"

namespace backprove {

namespace {

/// Shorter than the states of a shared machine, which last seconds to minutes.
constexpr double longest_turn = 1;
/// GNU's OpenMP spins for up to 15 ms, OpenBLAS for 25.
constexpr std::chrono::milliseconds rest{30};

/// The fastest of several things in one turn.
double fastest(const std::vector<const TurnSamples*>& things, std::size_t turn) {
  double least = std::numeric_limits<double>::infinity();
  for (const TurnSamples* one : things) least = std::min(least, quantile((*one)[turn], 0.1));
  return least;
}

}  // namespace

std::vector<TurnSamples> take_turns(const std::vector<Turn>& things, Index samples, double seconds) {
  std::vector<TurnSamples> found(things.size());
  const Index most = (samples + turns_of_each - 1) / turns_of_each;
  const double longest = std::min(longest_turn, seconds / turns_of_each);
  for (Index turn = 0; turn < turns_of_each; ++turn)
    for (std::size_t k = 0; k < things.size(); ++k) {
      const std::size_t one = (k + static_cast<std::size_t>(turn)) % things.size();
      std::this_thread::sleep_for(rest);
      found[one].push_back(things[one](turn, most, longest));
    }
  return found;
}

TurnRatio ratio_of(const std::vector<const TurnSamples*>& theirs, const std::vector<const TurnSamples*>& ours) {
  std::vector<double> ratios;
  for (std::size_t turn = 0; turn < static_cast<std::size_t>(turns_of_each); ++turn)
    ratios.push_back(fastest(theirs, turn) / fastest(ours, turn));
  const auto [least, most] = std::ranges::minmax(ratios);
  return {quantile(std::move(ratios), 0.5), least, most};
}

std::vector<double> all_of(const TurnSamples& turns) {
  std::vector<double> all;
  for (const std::vector<double>& one : turns) all.insert(all.end(), one.begin(), one.end());
  return all;
}

}  // namespace backprove
