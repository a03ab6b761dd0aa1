#pragma once

#include "core/record/row.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

class Certificate;

/// All strategies of one problem in one scalar on one number of threads: the unit of work of a verify sweep.
struct CellGroup {
  std::shared_ptr<SpecifiedProblem> problem;
  std::shared_ptr<Certificate> certificate;
  const Engine* engine;
  std::vector<const StrategyInfo*> strategies;
  Options options;
  Limits limits;
  int sketch = 0;         ///< stages are judged by so many random directions, not entry by entry
  double resolution = 1;  ///< errors as small as this, over a block's largest entry, must be excluded for a pass

  /// Empty, or why there are no data: they exceed the limit on memory.
  std::string data_missing() const;
  /// Content address of everything that determines the rows: cells, limits and this build of the program.
  std::string key() const;
  /// The cell of one strategy.
  Cell cell(std::string_view strategy) const;
};

/// Runs every strategy, judges it against the reference and the enclosure by its own bound, and every pair against each
/// other. Everything that happens is a row, failures, limits and unsupported cells included.
std::vector<Row> check(const CellGroup& group);

}  // namespace backprove
