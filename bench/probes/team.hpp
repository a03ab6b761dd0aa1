#pragma once

#include "bench/sampling.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// What the threads of one gradient need of each other and nothing else: a team starts and meets as often, and before
/// every meeting each member writes as many numbers of `bytes` bytes as it hands over, which its neighbour then reads;
/// or (`apart`) each reads its own, and nobody meets.
Timed team_alone(const FusedTeam& team, double bytes, bool apart);

}  // namespace backprove
