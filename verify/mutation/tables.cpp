#include "verify/mutation/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "verify/mutation/all_checks.hpp"

namespace backprove {

namespace {

using Trials = std::vector<const Trial*>;

std::map<std::string_view, Trials> by_mutant(const std::vector<Trial>& trials) {
  std::map<std::string_view, Trials> lists;
  for (const Trial& trial : trials) lists[trial.mutant->name].push_back(&trial);
  return lists;
}

template <class F>
Index count(const Trials& list, F&& f) {
  return std::ranges::count_if(list, f);
}

/// One line of the rules' table: ours, then every rule.
std::string rule_line(const std::string& title, const Trials& list, std::string_view report) {
  std::string text =
      fmt::format("{:<42}{:>7}{:>7}", title, list.size(), count(list, [](const Trial* t) { return t->killed(); }));
  for (std::size_t r = 0; r < rule_names().size(); ++r) {
    const Index caught = count(list, [&](const Trial* t) { return t->rules[r] == RuleAnswer::caught; });
    const Index alarms = count(list, [&](const Trial* t) { return t->rules[r] == RuleAnswer::false_alarm; });
    text += fmt::format("{:>9}", alarms == 0 ? std::to_string(caught) : fmt::format("{}~{}", caught, alarms));
  }
  return text + (report.empty() ? "\n" : fmt::format("  {}\n", report));
}

}  // namespace

std::string table_of(const std::vector<Trial>& trials) {
  std::string text = fmt::format("{:<42}{:>7}{:>8}", "mutant", "pairs", "killed");
  for (const NamedCheck& check : all_checks()) text += fmt::format("{:>13}", check.name);
  text += fmt::format("{:>8}{:>9}  {}\n", "stage", "pattern", "report");
  for (const auto& [name, list] : by_mutant(trials)) {
    text += fmt::format("{:<42}{:>7}{:>8}", name, list.size(), count(list, [](const Trial* t) { return t->killed(); }));
    for (std::size_t c = 0; c < all_checks().size(); ++c)
      text += fmt::format("{:>13}", count(list, [&](const Trial* t) { return t->caught[c]; }));
    const MutantInfo& mutant = *list.front()->mutant;
    text += fmt::format("{:>8}{:>9}  {}\n", count(list, [](const Trial* t) { return t->right_stage; }),
                        mutant.hint.empty() ? std::string("-")
                                            : std::to_string(count(list, [](const Trial* t) { return t->right_hint; })),
                        mutant.equivalent.empty() ? mutant.report : "equivalent");
  }
  return text;
}

std::string rule_table_of(const std::vector<Trial>& trials) {
  std::string legend, text = fmt::format("{:<42}{:>7}{:>7}", "shipped bug", "pairs", "ours");
  for (std::size_t r = 0; r < rule_names().size(); ++r) {
    text += fmt::format("{:>9}", fmt::format("({})", r + 1));
    legend += fmt::format("{}({}) {}", r == 0 ? "" : ", ", r + 1, rule_names()[r]);
  }
  text += "  report\n";
  Trials all;
  std::map<std::string_view, Trials> by_scalar;
  for (const auto& [name, list] : by_mutant(trials)) {
    if (list.front()->rules.empty()) continue;
    all.insert(all.end(), list.begin(), list.end());
    for (const Trial* trial : list) by_scalar[trial->scalar].push_back(trial);
    if (!list.front()->mutant->report.empty()) text += rule_line(std::string(name), list, list.front()->mutant->report);
  }
  if (all.empty()) return "";
  text += fmt::format("published rules: {}\n", legend);
  text += "behind a tilde: rejections that do not count, because the rule rejects the right step there too\n";
  for (const auto& [scalar, list] : by_scalar)
    text += rule_line(fmt::format("all mutants of reverse steps, {}", scalar), list, "");
  return text + rule_line("all mutants of reverse steps", all, "");
}

}  // namespace backprove
