#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/sampling.hpp"
#include "core/record/cell.hpp"

namespace backprove {

/// All samples of one thing that a block times: a list for every process that timed it.
struct TimedCell {
  std::string what;  ///< gradient, loss, or control: the second copy of the first gradient; meetings of a gradient's
                     ///< team by themselves, and the same work apart; or a quantity of rows (FractionProbe::parts)
  Cell cell;
  std::vector<std::vector<TimeSample>> processes;
  std::string note = "";  ///< for the row

  /// Whether `what` is a quantity of rows instead: one number a process, made of samples that are not kept.
  bool is_part() const;

  /// For every process the quantile of the samples of each of its copies.
  std::vector<std::vector<double>> quantiles(double TimeSample::*member, double q) const;
  /// The median of these over all copies.
  double figure(double TimeSample::*member, double q) const;
  /// For every process the median of these over its copies.
  std::vector<double> figures(double TimeSample::*member, double q) const;
  /// The largest of the processes' medians of these over the smallest, less 1.
  double spread(double TimeSample::*member, double q) const;
  /// How often the other's figure this one is: the median over the processes that sampled both, each by its own
  /// figures, since a shared machine is not as fast in every process's minute.
  double ratio_to(const TimedCell& other, double TimeSample::*member, double q) const;
  /// Copies of all processes together.
  Index copies() const;
  /// How many samples the process with the fewest has.
  Index fewest_samples() const;
  /// Lines with the columns `sample_columns`.
  std::string lines() const;
};

/// The columns of TimedCell::lines.
inline constexpr std::string_view sample_columns =
    "cell,what,strategy,threads,order,calls,wall_seconds,cpu_seconds,context_switches,restart,cold_seconds,copy\n";

nlohmann::json to_json(const TimedCell& timed);
/// Throws std::exception if it is not what to_json writes.
TimedCell timed_cell_from_json(const nlohmann::json& json);

}  // namespace backprove
