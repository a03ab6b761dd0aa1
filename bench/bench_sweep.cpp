#include "bench/bench_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/restarts.hpp"
#include "bench/timed_cell.hpp"
#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "core/record/journal.hpp"
#include "verify/progress.hpp"

namespace backprove {

namespace {

std::string describe(const BenchBlock& block) {
  const Cell cell = block.problem->cell();
  return fmt::format("{}, depth {}, width {}, batch {}", block.engine->name(), cell.depth, cell.width, cell.batch);
}

bool fits(const BenchBlock& block) { return block.problem->data_bytes() <= block.limits.bytes; }

/// How many processes sample a block before its turn comes.
int ahead_of(const BenchBlock& block) { return block.restarts > 1 ? block.restarts : 0; }

/// The first process of every block, then the second of every block, and so on.
void sample_all_ahead(std::vector<BenchBlock> blocks, const std::filesystem::path& work, Progress& progress) {
  int most = 0;
  for (BenchBlock& block : blocks) {
    block.work = work;
    most = std::max(most, ahead_of(block));
  }
  for (int k = 0; k < most; ++k)
    for (const BenchBlock& block : blocks) {
      if (k >= ahead_of(block)) continue;
      const std::string what = describe(block);
      if (fits(block)) sample_ahead(block, k, [&](const std::string& line) { progress.now(what + ": " + line); });
      progress.done(fmt::format("{}, process {} of {}", what, k + 1, block.restarts));
    }
}

/// One block on data that live only as long.
BlockResult result_of(const BenchBlock& from, const std::filesystem::path& work, Progress& progress) {
  BenchBlock block = from;
  block.problem = std::make_shared<SpecifiedProblem>(from.problem->spec());
  block.work = work;
  if (fits(block)) {
    block.problem->make([&](const std::string& line) { progress.say(line); });
    return run(block, [&](const std::string& line) { progress.now(describe(block) + ": " + line); });
  }
  BlockResult result;
  const std::string why =
      fmt::format("the data need {:.3g} bytes, the limit is {:.3g}", block.problem->data_bytes(), block.limits.bytes);
  for (const StrategyInfo* strategy : block.strategies)
    for (const int threads : block.threads)
      result.rows.push_back(
          make_row(block.cell(strategy->name, threads), "verified", std::nan(""), Status::limit, why));
  return result;
}

}  // namespace

std::vector<Row> run(const BenchSweep& sweep) {
  const std::vector<BenchBlock>& blocks = sweep.blocks;
  const std::filesystem::path work = sweep.out / ".backprove-work";  // nobody else's, since it is removed
  std::filesystem::create_directories(sweep.out / "samples");
  std::filesystem::create_directories(work);
  Journal journal(sweep.out / "journal.jsonl");
  if (!journal.notice().empty()) fmt::print(stderr, "{}\n", journal.notice());
  std::vector<BenchBlock> todo;
  Index parts = 0;
  for (const BenchBlock& block : blocks)
    if (!journal.contains(block.key())) {
      todo.push_back(block);
      parts += ahead_of(block) + 1;
    }
  Progress progress(parts, sweep.quiet, parts == std::ssize(todo) ? "blocks" : "parts of blocks");
  const auto known = blocks.size() - todo.size();
  if (known > 0) progress.say(fmt::format("{} of {} blocks are in the journal already", known, blocks.size()));
  sample_all_ahead(todo, work, progress);
  for (const BenchBlock& block : todo) {
    const BlockResult result = result_of(block, work, progress);
    write_text(sweep.out / "samples" / (block.key() + ".csv"), std::string(sample_columns) + result.samples);
    journal.append(block.key(), result.rows);
    progress.done(describe(block));
  }
  std::filesystem::remove_all(work);
  std::map<std::string, std::vector<Row>> records;
  for (JournalRecord& record : journal.load()) records[record.key] = std::move(record.rows);
  std::vector<Row> rows;
  for (const BenchBlock& block : blocks) {
    const std::vector<Row>& found = records[block.key()];
    rows.insert(rows.end(), found.begin(), found.end());
  }
  write_rows_csv(sweep.out / "rows.csv", rows);
  write_text(sweep.out / "environment.json", describe_environment().dump(2) + "\n");
  return rows;
}

std::string times_table(const std::vector<Row>& rows) {
  struct Line {
    const Cell* cell = nullptr;
    double p10 = -1, median = -1, cold = -1, ratio = -1, fraction = -1, ours = -1, peak = -1;
    std::string verified;
  };
  std::vector<std::string> order;
  std::map<std::string, Line> lines;
  std::vector<double> floors, spreads;
  for (const Row& row : rows) {
    const std::string id = row.cell.id();
    if (lines.find(id) == lines.end()) order.push_back(id);
    Line& line = lines[id];
    line.cell = &row.cell;
    if (row.quantity == "seconds_p10") line.p10 = row.value;
    if (row.quantity == "seconds_median") line.median = row.value;
    if (row.quantity == "cold_seconds_median") line.cold = row.value;
    if (row.quantity == "ratio_to_loss") line.ratio = row.value;
    if (row.quantity == "fraction_of_limit") line.fraction = row.value;
    if (row.quantity == "ratio_to_peer" || row.quantity == "best_ratio_to_peer") line.ours = row.value;
    if (row.quantity == "peak_bytes") line.peak = row.value;
    if (row.quantity == "verified") line.verified = name_of(row.status);
    if (row.quantity == "noise_floor") floors.push_back(row.value);
    if (row.quantity == "restart_spread") spreads.push_back(row.value);
  }
  constexpr const char* columns = "{:<27}{:<8}{:>6}{:>6}{:>6}{:>5}{:>11}{:>11}{:>11}{:>9}{:>9}{:>9}{:>10}  {}\n";
  std::string text = fmt::format(columns, "strategy", "scalar", "depth", "width", "batch", "thr", "p10 us", "median us",
                                 "cold us", "/ loss", "of limit", "/ ours", "peak MB", "verified");
  const auto number = [](double value, double unit, const char* form) {
    return value >= 0 ? fmt::format(fmt::runtime(form), value / unit) : std::string("-");
  };
  for (const std::string& id : order) {
    const Line& line = lines[id];
    const Cell& cell = *line.cell;
    text += fmt::format(columns, cell.strategy, cell.scalar, cell.depth, cell.width, cell.batch,
                        cell.threads > 0 ? std::to_string(cell.threads) : "best", number(line.p10, 1e-6, "{:.4g}"),
                        number(line.median, 1e-6, "{:.4g}"), number(line.cold, 1e-6, "{:.4g}"),
                        number(line.ratio, 1, "{:.3g}"), number(line.fraction, 1, "{:.3g}"),
                        number(line.ours, 1, "{:.3g}"), number(line.peak, 1e6, "{:.3g}"), line.verified);
  }
  const auto say = [&](const char* what, const std::vector<double>& parts, const char* of) {
    if (!parts.empty())
      text += fmt::format("{}: median {:.2g} %, p90 {:.2g} % over {} {}\n", what, 100 * quantile(parts, 0.5),
                          100 * quantile(parts, 0.9), parts.size(), of);
  };
  say("noise floor (two copies of one cell, p10)", floors, "blocks");
  say("between processes (largest p10 over smallest)", spreads, "cells");
  return text;
}

}  // namespace backprove
