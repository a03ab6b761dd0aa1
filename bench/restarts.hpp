#pragma once

#include "bench/block.hpp"
#include "bench/timed_cell.hpp"
#include "bench/verified.hpp"

namespace backprove {

/// A gradient of a block that was verified here.
struct AcceptedCell {
  const StrategyInfo* strategy;
  int threads;
};

/// What fresh processes found.
struct Restarted {
  /// A gradient that one of them rejected.
  struct Rejected {
    AcceptedCell cell;
    Verified why;
  };
  std::vector<TimedCell> timed;  ///< of what every process sampled
  std::vector<Rejected> rejected;
};

/// `block.restarts` processes one after the other, each of which makes the data, verifies the cells and samples them
/// with their control and losses. Throws std::runtime_error when one of them cannot be started, ends, or says nothing
/// for an hour.
Restarted restart(const BenchBlock& block, const std::vector<AcceptedCell>& cells,
                  const std::function<void(const std::string&)>& say);

/// The program that fresh processes of a block run.
std::string program_of(const BenchBlock& block);

}  // namespace backprove
