#pragma once

#include "bench/block.hpp"
#include "bench/timed_cell.hpp"
#include "bench/verified.hpp"

namespace backprove {

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

/// What `block.restarts` processes say, each of which makes the data, verifies the cells and samples them with their
/// control and losses: what sample_ahead has left in the block's folder, else one after the other. Throws
/// std::runtime_error when one of them cannot be started, ends, or says nothing for an hour.
Restarted restart(const BenchBlock& block, const std::vector<AcceptedCell>& cells,
                  const std::function<void(const std::string&)>& say);

/// Lets process k of a block sample what the block may run, and leaves its answer in the block's folder, so that the
/// processes of one block need not follow each other: what disturbs a machine lasts for minutes. Does nothing if the
/// answer is there; if there is none in the end, restart() asks again.
void sample_ahead(const BenchBlock& block, int k, const std::function<void(const std::string&)>& say);

/// The program that fresh processes of a block run.
std::string program_of(const BenchBlock& block);

}  // namespace backprove
