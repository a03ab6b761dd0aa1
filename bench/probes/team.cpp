#include "bench/probes/team.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "core/kernels/peak.hpp"
#include "core/meeting.hpp"
#include "core/parallel.hpp"

namespace backprove {

namespace {

struct Shared {
  Meeting meeting;
  std::vector<std::array<Vector<double>, 2>> written;
  std::vector<Vector<double>> scratch;
  std::size_t met = 0;  ///< times: a call with one meeting goes on where the last one ended

  Shared(int members, Index numbers)
      : meeting(members),
        written(static_cast<std::size_t>(members), {Vector<double>::Ones(numbers), Vector<double>::Ones(numbers)}),
        scratch(static_cast<std::size_t>(members), Vector<double>::Zero(numbers)) {}
};

}  // namespace

Timed team_alone(const FusedTeam& team, double bytes, bool apart) {
  const int members = team.members;
  const auto rounds = static_cast<std::size_t>(team.meetings);
  const double handed = team.handed * bytes / team.meetings;
  const Index numbers = std::max<Index>(8, static_cast<Index>(handed / sizeof(double)));
  auto shared = std::make_shared<Shared>(members, numbers);
  const auto call = [shared, members, rounds, numbers, apart] {
    if (!apart) shared->meeting.open();
    const std::size_t begin = std::exchange(shared->met, shared->met + rounds);
    const auto rounds_of = [&](int me, int size) {
      Meeting::Member everybody(shared->meeting, me, size);
      const auto own = static_cast<std::size_t>(me), read = static_cast<std::size_t>(apart ? me : (me + 1) % size);
      for (std::size_t k = begin; k < begin + rounds; ++k) {
        // Two in turn: nobody overwrites what another still reads.
        const double* other = shared->written[read][k % 2].data();
        if (!apart) everybody.meet();
        triad(shared->written[own][(k + 1) % 2].data(), shared->scratch[own].data(), other, 1e-3, numbers);
      }
    };
    apart ? rounds_of(0, 1) : on_team(members, rounds_of);
  };
  return {apart ? "apart" : "meetings", {call}};
}

}  // namespace backprove
