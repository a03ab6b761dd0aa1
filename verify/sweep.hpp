#pragma once

#include <filesystem>

#include "verify/cell_check.hpp"

namespace backprove {

/// A verify sweep: problems x scalars x threads x steps of differences, every strategy in each.
struct Sweep {
  std::vector<ProblemSpec> problems;
  std::vector<const Engine*> scalars;
  std::vector<const StrategyInfo*> strategies;
  std::vector<int> threads = {1};
  std::vector<double> step_factors = {1};  ///< see Options
  Options options;
  Limits limits;
  int sketch = 0;         ///< random directions a tensor; 0 judges every entry
  double resolution = 1;  ///< see CellGroup
  int jobs = 1;           ///< groups that run at once
  std::filesystem::path out;
  bool quiet = false;
};

/// Runs what the journal in `out` does not hold yet, then writes rows.csv, verdicts.json, junit.xml and
/// environment.json. Returns all rows in the order of the sweep. Throws std::invalid_argument for bad input, before
/// anything is run, and std::runtime_error when something cannot be written; finished groups stay in the journal.
std::vector<Row> run(const Sweep& sweep);

/// Rows that failed or are not finite.
Index failures(const std::vector<Row>& rows);

/// A table for people: a line for every strategy and scalar with its worst error over bound and its statuses.
std::string table_of(const std::vector<Row>& rows);

}  // namespace backprove
