#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "bench/peers/peers.hpp"
#include "bench/sampling.hpp"
#include "core/engine.hpp"
#include "core/record/row.hpp"
#include "verify/problem.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// Cells whose samples are interleaved: one problem in one scalar, by several strategies on several numbers of threads,
/// the loss alone, and a second copy of the first cell, which shows how far two equal things differ on this machine.
struct BenchBlock {
  std::shared_ptr<SpecifiedProblem> problem;
  const Engine* engine;
  std::vector<const StrategyInfo*> strategies;
  std::vector<int> threads;
  Options options;
  Limits limits;
  SamplingPlan plan;
  bool compare_with_limits = false;        ///< also measure what the machine could do at most
  std::shared_ptr<Peers> peers = nullptr;  ///< also time these
  Index turns = usual_turns;               ///< of every peer and ours, at least
  int restarts = 1;                        ///< processes that sample it; with more than one, each is a fresh one
  bool count_instructions = false;         ///< of one call of each, by valgrind's callgrind
  double most_counted = 1e9;               ///< multiplications of a call whose instructions are counted
  std::filesystem::path program = {};      ///< what fresh processes run: backprove; empty for the running program
  std::filesystem::path work = ".";        ///< a folder for files that serve other processes

  Cell cell(std::string_view strategy, int threads_of_it) const;
  /// What one cell costs, predicted.
  Cost cost(const StrategyInfo& strategy, int threads_of_it) const;
  /// Content address of what determines the rows, and of this build.
  std::string key() const;
};

/// One gradient of a block.
struct AcceptedCell {
  const StrategyInfo* strategy;
  int threads;
};
/// Those that are supported and within the limits, in the order in which they are verified.
std::vector<AcceptedCell> cells_to_run(const BenchBlock& block);

/// What a block gives: rows, and every sample as a line of CSV.
struct BlockResult {
  std::vector<Row> rows;
  std::string samples;  ///< the columns are sample_columns (bench/timed_cell.hpp)
};

/// Verifies every cell at its own number of threads, then times those that did not fail. `say` is told what is going
/// on.
BlockResult run(const BenchBlock& block, const std::function<void(const std::string&)>& say);

}  // namespace backprove
