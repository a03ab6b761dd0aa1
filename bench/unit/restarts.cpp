#include "bench/restarts.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/block_text.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

const auto silent = [](const std::string&) {};

BenchBlock block_of(const Scratch& scratch, const char* scalar) {
  ProblemSpec spec{"affine(5,8) tanh affine(8,3)", "softmax_cross_entropy", Reduction::sum, {}, 0};
  spec.recipe.batch = 7;
  spec.recipe.seed = 9;
  auto problem = std::make_shared<SpecifiedProblem>(spec);
  problem->make(silent);
  BenchBlock block{
      problem, &engine_named(scalar), {&strategy_named("reverse_vjp"), &strategy_named("forward_mode")}, {1, 2}, {}, {},
      {6, 60}};
  block.restarts = 3;
  block.program = BACKPROVE_PROGRAM;
  block.work = scratch / ".";
  return block;
}

TEST_CASE("restarts: a block goes to another process and back") {
  const Scratch scratch;
  BenchBlock block = block_of(scratch, "float");
  block.options.snapshots = 3;
  block.options.input_gradient = false;
  block.limits = {1e8, 1e7};
  block.plan = {6, 3, 11};
  const BenchBlock back = block_from_json(nlohmann::json::parse(to_json(block).dump()));
  CHECK(to_json(back) == to_json(block));
  CHECK(back.cell("reverse_vjp", 2) == block.cell("reverse_vjp", 2));
  CHECK(back.plan.short_rounds == 11);
  CHECK(back.limits.multiplications == 1e7);
}

TEST_CASE("restarts: samples go to another process and back, with every bit") {
  const TimedCell timed{
      "loss", block_of(Scratch(), "double").cell("loss", 2), {{{3, 2, 0.1, 1.0 / 3, 1e-7, 4, 5}}, {}}, "why"};
  const TimedCell back = timed_cell_from_json(nlohmann::json::parse(to_json(timed).dump()));
  CHECK(back.what == "loss");
  CHECK(back.note == "why");
  CHECK(back.cell == timed.cell);
  REQUIRE(back.processes.size() == 2);
  const TimeSample& sample = back.processes.front().front();
  CHECK((sample.order == 3 && sample.calls == 2 && sample.context_switches == 4 && sample.copy == 5));
  CHECK((sample.cold == 0.1 && sample.wall == 1.0 / 3 && sample.cpu == 1e-7));
}

TEST_CASE("restarts: figures are medians over the copies of all processes") {
  TimedCell timed;
  timed.processes.resize(1);
  for (const Index copy : {0, 1, 0, 1, 0, 1})
    timed.processes.front().push_back({0, 1, 0, copy == 0 ? 4.0 : 2.0, 0, 0, copy});
  CHECK(timed.figure(&TimeSample::wall, 0.1) == 3);  // of 4 and 2
  CHECK(timed.copies() == 2);
  timed.processes.push_back({{0, 1, 0, 4.5, 0, 0, 0}});
  CHECK(timed.figure(&TimeSample::wall, 0.1) == 4);
  CHECK(timed.spread(&TimeSample::wall, 0.1) == 0.5);  // 4.5 over 3
  CHECK(timed.copies() == 3);
}

TEST_CASE("restarts: figures of one copy a process are medians over the processes") {
  TimedCell timed;
  for (const double p : {3.0, 1.0, 2.5}) timed.processes.push_back({{0, 1, 2 * p, p, p, 0}});
  timed.processes.front().push_back({1, 1, 6, 3, 3, 0});
  CHECK(timed.figure(&TimeSample::wall, 0.1) == 2.5);
  CHECK(timed.figure(&TimeSample::cold, 0.5) == 5);
  CHECK(timed.fewest_samples() == 1);
  CHECK(std::ranges::count(timed.lines(), '\n') == 4);
}

TEST_CASE("restarts: a quotient is that of one process, where the machine was as fast for both") {
  // It does everything three times as slowly for the second process; the third has an unlucky place in memory.
  TimedCell ours, theirs;
  for (const double p : {1.0, 3.0, 1.5}) ours.processes.push_back({{0, 1, 0, p, 0, 0, 0}});
  for (const double p : {2.0, 6.0, 2.0}) theirs.processes.push_back({{0, 1, 0, p, 0, 0, 0}});
  CHECK(theirs.ratio_to(ours, &TimeSample::wall, 0.1) == 2);
  CHECK(ours.ratio_to(theirs, &TimeSample::wall, 0.1) == 0.5);
  CHECK(theirs.figure(&TimeSample::wall, 0.1) / ours.figure(&TimeSample::wall, 0.1) < 1.5);
  // Of each process the median over its copies counts.
  ours.processes.front().push_back({1, 1, 0, 5, 0, 0, 1});
  CHECK(ours.figures(&TimeSample::wall, 0.1) == std::vector<double>{3, 3, 1.5});
  theirs.processes.pop_back();
  CHECK(ours.ratio_to(theirs, &TimeSample::wall, 0.1) == 1);  // of 3/2 and 3/6
}

TEST_CASE("restarts: every process verifies and samples all cells, and rows say how far they lie apart") {
  for (const char* scalar : {"double", "long_double"}) {
    const Scratch scratch;
    const BlockResult result = run(block_of(scratch, scalar), silent);
    std::map<std::string, Index> count;
    for (const Row& row : result.rows) {
      CAPTURE(row.cell.strategy, row.quantity, row.note);
      CHECK(row.status == Status::ok);
      ++count[row.quantity];
      if (row.quantity == "restart_spread") CHECK(row.value >= 0);
      if (row.quantity == "speedup") CHECK((row.value > 0 && row.cell.threads == 2));
      if (row.quantity == "ratio_to_reverse") CHECK((row.value > 0 && row.cell.strategy == "forward_mode"));
      if (row.quantity == "seconds_p10") {
        CHECK(row.value > 0);
        CHECK(row.note == "median of 6 copies, 3 processes, 6 samples");
      }
    }
    // Four gradients and two losses.
    CHECK(count["seconds_p10"] == 6);
    CHECK(count["restart_spread"] == 6);
    CHECK(count["cold_seconds_p10"] == 6);
    CHECK(count["noise_floor"] == 1);
    CHECK(count["speedup"] == 2);
    CHECK(count["ratio_to_reverse"] == 2);
    CHECK(std::ranges::count(result.samples, '\n') == 7 * 6 * 3);
  }
}

TEST_CASE("restarts: a process that ends is a failed row with its last words, not a missing one") {
  const Scratch scratch;
  BenchBlock block = block_of(scratch, "double");
  put(scratch / "broken", "#!/bin/sh\necho no memory >&2\nexit 3\n");
  std::filesystem::permissions(scratch / "broken", std::filesystem::perms::owner_all);
  block.program = scratch / "broken";
  Index failed = 0;
  for (const Row& row : run(block, silent).rows) {
    if (row.quantity != "seconds_p10") continue;
    CHECK(row.status == Status::failed);
    CHECK(row.note.find("a fresh process failed") != std::string::npos);
    CHECK(row.note.find("no memory") != std::string::npos);
    ++failed;
  }
  CHECK(failed == 4);
}

TEST_CASE("restarts: what one process rejects is rejected, although it was right here") {
  const Scratch scratch;
  BenchBlock block = block_of(scratch, "double");
  block.strategies = {&strategy_named("reverse_vjp")};
  block.threads = {1};
  put(scratch / "liar",
      "#!/bin/sh\nread question\necho '{\"timed\": [], \"rejected\": [[\"reverse_vjp\", 1, "
      "\"failed\", \"entry 3 is off\"]]}'\nread more\n");
  std::filesystem::permissions(scratch / "liar", std::filesystem::perms::owner_all);
  block.program = scratch / "liar";
  bool told = false;
  for (const Row& row : run(block, silent).rows) {
    CHECK(row.quantity != "seconds_p10");
    if (row.quantity != "verified") continue;
    CHECK(row.status == Status::failed);
    CHECK(row.value == 0);
    told = row.note.find("entry 3 is off") != std::string::npos;
  }
  CHECK(told);
}

TEST_CASE("restarts: what was sampled ahead is taken, and asked for again where it cannot be read") {
  const Scratch scratch;
  BenchBlock block = block_of(scratch, "double");
  for (int k = 0; k < block.restarts; ++k) sample_ahead(block, k, silent);
  block.program = "/nowhere/backprove";
  const auto spreads = [&] {
    const std::vector<Row> rows = run(block, silent).rows;
    return std::ranges::count_if(
        rows, [](const Row& row) { return row.quantity == "restart_spread" && row.status == Status::ok; });
  };
  CHECK(spreads() == 6);
  sample_ahead(block, 1, [](const std::string& line) { FAIL("asked again: " << line); });
  put(scratch / (block.key() + ".1.json"), "{\"timed\": [");
  CHECK(spreads() == 0);
}

TEST_CASE("restarts: a run that was killed goes on with the blocks that it had not finished") {
  const Scratch scratch;
  const std::string sweep =
      "bench --depth 2,3,4,5 --width 4 --batch 3 --scalar double --rounds 5 --restarts 2 --quiet --out out";
  {
    Running first(BACKPROVE_PROGRAM, words(sweep), scratch / ".");
    const auto journal = [&] { return content(scratch / "out/journal.jsonl"); };
    for (int k = 0; k < 6000 && std::ranges::count(journal(), '\n') < 2; ++k)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    first.kill();
  }
  const std::string before = content(scratch / "out/journal.jsonl");
  REQUIRE(std::ranges::count(before, '\n') >= 2);
  const Finished second = backprove(sweep, scratch / ".");
  INFO(second.err);
  CHECK(second.status == 0);
  CHECK(content(scratch / "out/journal.jsonl").starts_with(before.substr(0, before.rfind('\n') + 1)));
  const std::string rows = content(scratch / "out/rows.csv");
  CHECK(std::ranges::count(rows, '\n') > 0);
  Index spreads = 0;
  for (std::size_t at = rows.find(",restart_spread,"); at != std::string::npos;
       at = rows.find(",restart_spread,", at + 1))
    ++spreads;
  CHECK(spreads == 4 * 3);  // reverse_vjp, jacobian_structured and the loss
  CHECK_FALSE(std::filesystem::exists(scratch / "out/.backprove-work"));
}

}  // namespace
}  // namespace backprove::test
