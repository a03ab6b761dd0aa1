#include "verify/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "core/record/journal.hpp"
#include "verify/certificate.hpp"
#include "verify/jobs.hpp"
#include "verify/progress.hpp"
#include "verify/verdicts.hpp"

namespace backprove {

namespace {

/// A sketch is for networks whose entries are too many for high precision: then reference and enclosure are not made.
constexpr double most_beside_a_sketch = 2e6;

/// Groups that share a problem, its data and its certificate; each once, however often the sweep names it.
std::vector<CellGroup> groups_of(const Sweep& sweep) {
  std::vector<CellGroup> groups;
  std::set<std::string> keys;
  for (const ProblemSpec& spec : sweep.problems) {
    auto problem = std::make_shared<SpecifiedProblem>(spec);
    Limits certified = sweep.limits;
    if (sweep.sketch > 0) certified.multiplications = std::min(certified.multiplications, most_beside_a_sketch);
    auto certificate = std::make_shared<Certificate>(*problem, certified, sweep.options.input_gradient);
    for (const Engine* scalar : sweep.scalars)
      for (const int threads : sweep.threads)
        for (const double step_factor : sweep.step_factors) {
          Options options = sweep.options;
          options.threads = threads;
          options.step_factor = step_factor;
          CellGroup group{problem, certificate,  scalar,       sweep.strategies,
                          options, sweep.limits, sweep.sketch, sweep.resolution};
          if (keys.insert(group.key()).second) groups.push_back(std::move(group));
        }
  }
  return groups;
}

/// Makes the data of every problem that still has work to do and keeps within the limits.
void make_data(const std::vector<CellGroup>& groups, const Journal& journal, Progress& progress) {
  const SpecifiedProblem* last = nullptr;
  for (const CellGroup& group : groups) {
    if (group.problem.get() == last || journal.contains(group.key()) || !group.data_missing().empty()) continue;
    last = group.problem.get();
    group.problem->make([&](const std::string& line) { progress.say(line); });
  }
}

std::vector<Row> rows_in_order(const std::vector<CellGroup>& groups, const Journal& journal) {
  std::map<std::string, std::vector<Row>> records;
  for (JournalRecord& record : journal.load()) records[record.key] = std::move(record.rows);
  std::vector<Row> rows;
  for (const CellGroup& group : groups) {
    const auto found = records.find(group.key());
    if (found != records.end()) rows.insert(rows.end(), found->second.begin(), found->second.end());
  }
  return rows;
}

}  // namespace

std::vector<Row> run(const Sweep& sweep) {
  const std::vector<CellGroup> groups = groups_of(sweep);
  std::filesystem::create_directories(sweep.out);
  Journal journal(sweep.out / "journal.jsonl");
  if (!journal.notice().empty()) fmt::print(stderr, "{}\n", journal.notice());
  std::vector<const CellGroup*> todo;
  for (const CellGroup& group : groups)
    if (!journal.contains(group.key())) todo.push_back(&group);
  if (todo.size() < groups.size() && !sweep.quiet)
    fmt::print(stderr, "{} of {} cell groups are in the journal already\n", groups.size() - todo.size(), groups.size());
  {
    Progress progress(static_cast<Index>(todo.size()), sweep.quiet);
    make_data(groups, journal, progress);
    on_threads(static_cast<Index>(todo.size()), sweep.jobs, [&](Index c) {
      const CellGroup& group = *todo[static_cast<std::size_t>(c)];
      journal.append(group.key(), check(group));
      progress.done(fmt::format("{}, {} layers, width {}", group.engine->name(), group.problem->network().size(),
                                group.problem->cell().width));
    });
  }
  const std::vector<Row> rows = rows_in_order(groups, journal);
  write_rows_csv(sweep.out / "rows.csv", rows);
  write_text(sweep.out / "verdicts.json", verdict_document(rows).dump(1) + "\n");
  write_text(sweep.out / "junit.xml", junit_document(rows));
  write_text(sweep.out / "environment.json", describe_environment().dump(2) + "\n");
  return rows;
}

Index failures(const std::vector<Row>& rows) {
  return std::count_if(rows.begin(), rows.end(),
                       [](const Row& row) { return row.status == Status::failed || row.status == Status::nonfinite; });
}

std::string table_of(const std::vector<Row>& rows) {
  struct Line {
    double worst = 0;
    bool measured = false;
    std::map<Status, int> verdicts;
    int pairs = 0, pairs_failed = 0;
  };
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, Line> lines;
  const auto line_of = [&](const std::string& strategy, const Row& row) -> Line& {
    const std::pair key{strategy, row.cell.scalar};
    if (lines.find(key) == lines.end()) order.push_back(key);
    return lines[key];
  };
  for (const Row& row : rows) {
    if (row.quantity != "verdict" && row.quantity != "error_over_bound" && row.quantity != "pair_error_over_bound")
      continue;
    Line& line = line_of(row.cell.strategy, row);
    if (row.quantity == "verdict") ++line.verdicts[row.status];
    if (row.quantity == "error_over_bound") {
      line.worst = std::max(line.worst, row.value);
      line.measured = true;
    }
    if (row.quantity == "pair_error_over_bound")
      for (Line* one : {&line, &line_of(row.cell.options.at("partner"), row)}) {
        ++one->pairs;
        one->pairs_failed += row.status == Status::failed ? 1 : 0;
      }
  }
  std::string text =
      fmt::format("{:<28}{:<20}{:>14}  {:<16}{}\n", "strategy", "scalar", "error/bound", "pairs agree", "verdicts");
  for (const auto& key : order) {
    const Line& line = lines[key];
    std::string verdicts;
    for (const auto& [status, count] : line.verdicts)
      verdicts += fmt::format("{}{} {}", verdicts.empty() ? "" : ", ", count, name_of(status));
    text += fmt::format("{:<27} {:<19} {:>14}  {:<15} {}\n", key.first, key.second,
                        line.measured ? fmt::format("{:.3g}", line.worst) : "-",
                        fmt::format("{} of {}", line.pairs - line.pairs_failed, line.pairs), verdicts);
  }
  return text;
}

}  // namespace backprove
