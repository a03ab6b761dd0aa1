#pragma once

#include "core/record/row.hpp"

namespace backprove {

/// How one rule did on one set of cases.
struct RuleScore {
  std::string rule, scalar, source;
  Index right = 0, wrong = 0;          ///< cases
  Index false_alarms = 0, misses = 0;  ///< right ones rejected, wrong ones accepted
  Index undecided = 0;                 ///< ours only: right ones that are inconclusive or vacuous
};

struct RuleResults {
  std::vector<RuleScore> scores;  ///< ours first, in float and double
  std::vector<Row> rows;          ///< one a rule, case and scalar
};

/// Runs every published rule and our own judgement on the common set, in float and double.
RuleResults run_rules();
/// The table, and for every rule the cases that fooled it.
std::string table_of(const RuleResults& results);

}  // namespace backprove
