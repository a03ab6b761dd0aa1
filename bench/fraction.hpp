#pragma once

#include "bench/block.hpp"
#include "bench/probes/overhead.hpp"

namespace backprove {

/// How near a timed gradient is to what the machine could do, and what the rest of its time goes to.
class FractionProbe {
 public:
  FractionProbe() = default;
  FractionProbe(const FractionProbe&) = delete;
  FractionProbe& operator=(const FractionProbe&) = delete;

  /// Rows limit_seconds and fraction_of_limit; for reverse mode predicted_ratio_to_loss (several samples), and where a
  /// kernel sweeps the whole network the overheads that apply. `seconds` is the cell's seconds_p10.
  /// `meetings` is what those of its team took by themselves, 0 if it has none.
  std::vector<Row> rows(const BenchBlock& block, const Cell& cell, double seconds, double meetings = 0);

 private:
  MeasuredRates rates{
      {15, 3, 300}};  // short ones over several milliseconds, so that what disturbs one does not disturb all
  LimitProbe limits{rates};
  OverheadProbe overheads{rates, limits};

  void add_overheads(const BenchBlock& block, const Cell& cell, const LimitTime& limit, double meetings,
                     std::vector<Row>& rows);
};

}  // namespace backprove
