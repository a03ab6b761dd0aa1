#pragma once

#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// What two threads cost a gradient beyond half of one's time, in seconds, as it was measured for widths of 32 to 256,
/// 8 to 64 samples and both scalars: hardly more with more samples, since what a member waits for, narrower tiles and
/// the first line of every feature that another core has written, is a matter of features.
inline constexpr double start_of_team = 1.5e-6;
inline constexpr double feature_of_team = 5e-8;       ///< that enters a step
inline constexpr double handed_line_in_a_row = 1e-8;  ///< of two halves: a cache line among its neighbours
inline constexpr double multiplications_of_lane = 4e9;

/// What `members` threads need of each other for `batch` samples.
template <class T>
FusedTeam team_of(const Network& network, const Primitives<T>& fast, Index batch, const Pieces& pieces, int members) {
  if (members == 1) return {};
  const double others = (members - 1.0) / members;
  if (pieces.count > 1 && members == 2) return {members, 1, static_cast<double>(network.parameters()) * others, true};
  const bool by_panels = batch > 1 && panels_of(network, fast, batch, members).count >= members;
  // At the loss and where the steps begin, without the last step's last; one sample's loss (softmax) needs none.
  FusedTeam team{members, by_panels ? 0.0 : batch > 1 ? 2.0 : -1.0, 0, false};
  for (const FusedStep<T>& step : fused_steps<T>(network, fast)) {
    team.meetings += by_panels ? 1 : 2;
    // What enters and the cotangent above, each as often as it passes; a part of it where only that is needed.
    const auto below = static_cast<double>(step.n_in), above = static_cast<double>(step.n_out);
    const double numbers =
        by_panels ? below + above / members : 2 * below + (step.by_parts(batch, members, fast.lanes) ? 0 : above);
    team.handed += numbers * static_cast<double>(batch);
  }
  team.handed *= others;
  return team;
}

/// Threads of those allowed that a gradient is worth: as many as there is work for, and one alone where these cost more
/// than they bring.
template <class T>
int threads_worth(const Network& network, const Primitives<T>& fast, Index batch, const Pieces& pieces, int most) {
  const int wanted = pieces.threads(network, batch, most);
  if (wanted == 1 || batch == 1) return wanted;
  const FusedTeam team = team_of(network, fast, batch, pieces, wanted);
  double cost = start_of_team + team.handed * sizeof(T) / 64 * handed_line_in_a_row;
  if (!team.apart)
    for (const FusedStep<T>& step : fused_steps<T>(network, fast))
      cost += static_cast<double>(step.n_in) * feature_of_team;
  const Index padded = (batch + fast.lanes - 1) / fast.lanes * fast.lanes;
  const double alone =
      Pieces::sweep_multiplications(network, padded) / (multiplications_of_lane * static_cast<double>(fast.lanes));
  return alone / wanted + cost < alone ? wanted : 1;
}

}  // namespace backprove
