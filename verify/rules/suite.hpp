#pragma once

#include "core/record/row.hpp"
#include "verify/rules/rule_case.hpp"

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

/// What a ruling is about.
struct RuledCase {
  std::string name, what, scalar;
  bool right;
  Index inputs;
};
template <class T>
RuledCase ruled_case(const RuleCase<T>& one) {
  return {one.name, one.what, std::same_as<T, float> ? "float" : "double", one.right, one.function.x.size()};
}
/// Counts one ruling in the score of its rule, and adds its row.
void take_ruling(RuleResults& results, RuleScore& score, const RuledCase& one, bool accepted, const std::string& note);

/// Runs every published rule and our own judgement on the common set, in float and double.
RuleResults run_rules();
/// The table, and for every rule the cases that fooled it.
std::string table_of(const RuleResults& results);

}  // namespace backprove
