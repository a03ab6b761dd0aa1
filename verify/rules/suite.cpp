#include "verify/rules/suite.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "generated/baselines.hpp"

namespace backprove {

namespace {

template <class T>
constexpr std::string_view scalar_name = std::same_as<T, float> ? "float" : "double";

template <class T>
void run_in(RuleResults& results) {
  const std::vector<RuleCase<T>> cases = rule_cases<T>();
  RuleScore ours{"backprove", std::string(scalar_name<T>), "the stage-local check", 0, 0, 0, 0, 0};
  for (const RuleCase<T>& one : cases) {
    const std::vector<TensorJudgement> found = one.ours();
    const auto worst = std::ranges::find_if(found, [](const auto& j) { return is_failure(j.finding); });
    const bool failed = worst != found.end();
    const bool passed = std::ranges::any_of(found, [](const auto& j) { return j.finding == Finding::pass; });
    // What is wrong must be rejected; what is right must not be, whether or not it can be resolved.
    take_ruling(results, ours, ruled_case(one), !failed, failed ? sentence(*worst) : "");
    ours.undecided += one.right && !failed && !passed ? 1 : 0;
  }
  results.scores.push_back(ours);
  baselines::for_each_baseline([&]<class B>() {
    RuleScore score{std::string(B::name), std::string(scalar_name<T>), std::string(B::source), 0, 0, 0, 0, 0};
    for (const RuleCase<T>& one : cases)
      take_ruling(results, score, ruled_case(one), B::template accepts<T>(one.function), "");
    results.scores.push_back(score);
  });
}

}  // namespace

void take_ruling(RuleResults& results, RuleScore& score, const RuledCase& one, bool accepted, const std::string& note) {
  (one.right ? score.right : score.wrong) += 1;
  const bool mistaken = accepted != one.right;
  if (mistaken) (one.right ? score.false_alarms : score.misses) += 1;
  Cell cell;
  cell.network = one.name;
  cell.scalar = one.scalar;
  cell.data = "rules";
  cell.kernel = "plain";
  cell.width = one.inputs;
  cell.options["rule"] = score.rule;
  cell.options["case"] = one.right ? "right" : "wrong";
  results.rows.push_back(
      make_row(cell, "rule_mistaken", mistaken ? 1 : 0, Status::ok, note.empty() ? one.what : one.what + "; " + note));
}

RuleResults run_rules() {
  RuleResults results;
  run_in<float>(results);
  run_in<double>(results);
  std::stable_partition(results.scores.begin(), results.scores.end(),
                        [](const RuleScore& s) { return s.rule == "backprove"; });
  return results;
}

std::string table_of(const RuleResults& results) {
  std::string text = fmt::format("{:<42}{:<8}{:>16}{:>12}  {}\n", "rule", "scalar", "false alarms", "misses", "source");
  for (const RuleScore& score : results.scores)
    text += fmt::format("{:<42}{:<8}{:>10} of {:>2}{:>6} of {:>2}  {}\n", score.rule, score.scalar, score.false_alarms,
                        score.right, score.misses, score.wrong, score.source);
  std::map<std::string, std::vector<std::string>> fooled;
  for (const Row& row : results.rows)
    if (row.value == 1)
      fooled[row.cell.options.at("rule") + ", " + row.cell.scalar].push_back(
          (row.cell.options.at("case") == "right" ? "rejects " : "accepts ") + row.cell.network);
  text += "\n";
  for (const auto& [rule, list] : fooled) text += fmt::format("{}: {}\n", rule, fmt::join(list, ", "));
  return text;
}

}  // namespace backprove
