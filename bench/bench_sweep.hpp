#pragma once

#include <filesystem>

#include "bench/block.hpp"

namespace backprove {

/// What `backprove bench` runs.
struct BenchSweep {
  std::vector<BenchBlock> blocks;  ///< each makes its data when its turn comes
  std::filesystem::path out;
  bool quiet = false;
};

/// Runs the blocks that the journal in `out` does not hold yet, one after the other, then writes rows.csv and
/// environment.json; samples/KEY.csv has every sample of a block. Returns all rows in the order of the sweep.
/// Throws std::invalid_argument for bad input, before anything is run, and std::runtime_error when something cannot be
/// written; finished blocks stay in the journal.
std::vector<Row> run(const BenchSweep& sweep);

/// A table for people: a line for every cell that was timed.
std::string times_table(const std::vector<Row>& rows);

}  // namespace backprove
