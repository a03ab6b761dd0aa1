#pragma once

#include <functional>

#include "core/record/row.hpp"
#include "verify/mutation/registry.hpp"
#include "verify/mutation/stage_rules.hpp"

namespace backprove {

/// One mutant of one layer or loss (or of a strategy, in whole networks) in one scalar, tried on hosts of growing size
/// until every check has caught it or there are no more.
struct Trial {
  const MutantInfo* mutant = nullptr;
  std::string subject;  ///< name of the layer or loss
  std::string scalar;
  std::string host;          ///< the smallest that kills it
  Cell cell;                 ///< of that host, or of the largest
  bool applied = false;      ///< some host's numbers differ from the right ones
  bool right_stage = false;  ///< the checks that name a stage or a strategy name the right one
  bool right_hint = false;   ///< the expected word is among the patterns named, or none is expected
  std::vector<bool> caught;  ///< by each of all_checks()
  std::string detail;        ///< what the first check says
  std::string hints;         ///< the patterns that the checks name
  /// By each published rule, at the smallest network that kills it; empty for equivalent mutants and for those of other
  /// paths than the reverse step, which the rules do not look at.
  std::vector<RuleAnswer> rules;

  bool killed() const;
};

struct MutationScore {
  Index pairs = 0, killed = 0, survived = 0, equivalent = 0, right_stage = 0, right_hint = 0, hints = 0, unapplied = 0;
  Index equivalent_killed = 0;  ///< false alarms
};

/// Runs all pairs whose subject and mutant are asked for (empty: all), on all cores; `done` is called after each.
/// Throws std::runtime_error if a check is not green without a mutant.
std::vector<Trial> run_mutants(const std::vector<std::string>& names, bool quick, int jobs,
                               const std::function<void(Index done, Index of)>& done);
MutationScore score(const std::vector<Trial>& trials);
std::vector<Row> rows_of(const std::vector<Trial>& trials);
}  // namespace backprove
