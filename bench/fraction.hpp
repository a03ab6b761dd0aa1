#pragma once

#include "bench/block.hpp"
#include "bench/probes/overhead.hpp"
#include "bench/timed_cell.hpp"

namespace backprove {

/// How near a timed gradient is to what the machine could do, and what the rest of its time goes to.
class FractionProbe {
 public:
  FractionProbe() = default;
  FractionProbe(const FractionProbe&) = delete;
  FractionProbe& operator=(const FractionProbe&) = delete;

  /// What limit and overheads of these gradients of a block are made of, to be sampled in turn with them: the machine
  /// is faster at some times than at others, for seconds and for minutes.
  std::vector<Timed> begin(const BenchBlock& block, const std::vector<Cell>& cells);
  /// What came of it: for every cell that has a limit one TimedCell for each quantity, with its value (0 where it does
  /// not apply) as that of the only sample.
  std::vector<TimedCell> end(const BenchBlock& block, const std::vector<Cell>& cells,
                             const std::vector<std::vector<TimeSample>>& samples);

  /// Whose products were the fastest, found out once: for other processes, and from them.
  const MeasuredRates::Fastest& fastest_ways() const { return rates.fastest_ways(); }
  void learn(const MeasuredRates::Fastest& ways) { rates.learn(ways); }

 private:
  MeasuredRates rates{{9, 1, 60}};  // to choose the fastest products; times are sampled with the cells
  LimitProbe limits{rates};
  OverheadProbe overheads{rates, limits};

  std::vector<TimedCell> parts(const BenchBlock& block, const std::vector<Cell>& cells);
  std::vector<TimedCell> parts_of(const BenchBlock& block, const Cell& cell);
  void add_overheads(const BenchBlock& block, const Cell& cell, const LimitTime& limit, std::vector<TimedCell>& parts);
};

/// The one of this process.
FractionProbe& fraction_probe();

/// Rows of a gradient of a block from all that its processes timed: limit_seconds and fraction_of_limit; for reverse
/// mode predicted_ratio_to_loss (several samples), and where a kernel sweeps the whole network the overheads that
/// apply.
std::vector<Row> fraction_rows(const BenchBlock& block, const TimedCell& gradient, const std::vector<TimedCell>& timed);

}  // namespace backprove
