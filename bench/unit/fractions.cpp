#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "bench/fraction.hpp"
#include "bench/probes/chain_of_one.hpp"
#include "core/caches.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

using Quantities = std::map<std::string, Row>;

std::shared_ptr<SpecifiedProblem> problem_of(const std::string& network, const std::string& loss, Index batch) {
  ProblemSpec spec;
  spec.network = network;
  spec.loss = loss;
  spec.recipe.batch = batch;
  auto problem = std::make_shared<SpecifiedProblem>(spec);
  problem->make([](const std::string&) {});
  return problem;
}

TimedCell timed(const char* what, const Cell& cell, double seconds) {
  TimeSample sample;
  sample.wall = seconds;
  return {what, cell, {{sample}}};
}

BenchBlock block_of(const std::string& network, Index batch, const std::string& scalar, int threads,
                    const std::string& loss, const std::string& strategy) {
  Options options;
  options.kernel = kernel_named("auto");
  return {problem_of(network, loss, batch),
          &engine_named(scalar),
          {&strategy_named(strategy)},
          {threads},
          options,
          {},
          {5, 0.3}};
}

std::vector<TimedCell> parts_of(const BenchBlock& block, const Cell& cell) {
  const std::vector<Timed> things = fraction_probe().begin(block, {cell});
  if (things.empty()) return {};
  return fraction_probe().end(block, {cell}, interleaved(things, block.plan, [](Index, Index) {}).of);
}

/// Rows of a cell that is said to take `seconds`, and whose meetings take so long.
Quantities rows_of(const std::string& network, Index batch, const std::string& scalar, int threads, double seconds,
                   const std::string& loss = "softmax_cross_entropy", const std::string& strategy = "reverse_vjp",
                   double meetings = 0) {
  const BenchBlock block = block_of(network, batch, scalar, threads, loss, strategy);
  const Cell cell = block.cell(strategy, threads);
  std::vector<TimedCell> all = parts_of(block, cell);
  const TimedCell gradient = timed("gradient", cell, seconds);
  for (const TimedCell& one : {gradient, timed("meetings", cell, 3 * meetings), timed("apart", cell, 2 * meetings)})
    all.push_back(one);
  Quantities found;
  for (Row& row : fraction_rows(block, gradient, all)) {
    CAPTURE(row.quantity, row.note);
    CHECK(row.status == Status::ok);
    CHECK(row.value > 0);
    const std::string quantity(row.quantity);
    CHECK(found.emplace(quantity, std::move(row)).second);
  }
  return found;
}

TEST_CASE("fractions: the limit over the time, and a limit that grows with the work") {
  for (const std::string scalar : {"float", "double"})
    for (const Index batch : {1, 40}) {
      CAPTURE(scalar, batch);
      const Quantities small = rows_of("affine(12,16) tanh affine(16,5)", batch, scalar, 1, 1e-3);
      CHECK(small.at("fraction_of_limit").value == Approx(small.at("limit_seconds").value / 1e-3).epsilon(1e-12));
      CHECK(small.contains("predicted_ratio_to_loss") == (batch > 1));
      const Quantities large =
          rows_of("affine(12,160) tanh affine(160,160) tanh affine(160,5)", batch, scalar, 1, 1e-3);
      CHECK(large.at("limit_seconds").value > small.at("limit_seconds").value);
    }
}

/// A loss of a hundred outputs costs more than the other arithmetic of a network with one feature.
TEST_CASE("fractions: the loss is part of the limit") {
  const std::string network = "affine(1,100)";
  const double with = rows_of(network, 64, "double", 1, 1e-3).at("limit_seconds").value;
  const double without = rows_of(network, 64, "double", 1, 1e-3, "squared_error").at("limit_seconds").value;
  CHECK(with > 1.2 * without);
}

TEST_CASE("fractions: overheads are rows where they apply") {
  const std::string narrow = "affine(8,8) tanh affine(8,8) tanh affine(8,4)";
  const std::string wide = "affine(128,128) tanh affine(128,128) tanh affine(128,4)";
  const Quantities one = rows_of(narrow, 1, "double", 1, 1e-6);
  CHECK(one.contains("overhead_vectors"));
  REQUIRE(one.contains("overhead_call"));
  CHECK(one.at("overhead_call").value < 1e-5);
  CHECK_FALSE(one.contains("overhead_meetings"));
  CHECK_FALSE(one.contains("overhead_memory"));
  const Quantities alone = rows_of(narrow, 32, "double", 2, 1e-6);
  CHECK_FALSE(alone.contains("overhead_meetings"));
  CHECK_FALSE(alone.contains("overhead_latency"));
  CHECK_FALSE(alone.contains("overhead_call"));
  for (const Quantities* none : {&one, &alone})
    CHECK_FALSE(none->contains("overhead_sums"));  // of few features: products
  CHECK(rows_of("affine(64,64) tanh affine(64,64)", 32, "float", 1, 1e-5).contains("overhead_sums"));
  const std::string loss = "softmax_cross_entropy", strategy = "reverse_vjp";
  const Quantities team = rows_of(wide, 32, "double", 2, 1e-4, loss, strategy, 1e-6);
  REQUIRE(team.contains("overhead_meetings"));
  CHECK(team.at("overhead_meetings").value == Approx(1e-6));
  CHECK_FALSE(team.contains("overhead_serial"));
  CHECK_FALSE(team.contains("overhead_sums"));
  CHECK(team.at("limit_seconds").note.find("one member's part takes") != std::string::npos);
  CHECK(rows_of("affine(900,900) tanh affine(900,4)", 2, "double", 1, 1e-3).contains("overhead_memory"));
  for (const auto& [quantity, row] : rows_of(narrow, 8, "double", 1, 1e-6, "softmax_cross_entropy", "forward_mode"))
    CHECK_FALSE(quantity.starts_with("overhead_"));
}

TEST_CASE("fractions: work of one thread alone, and of one member of a team, beyond a limit that is given") {
  MeasuredRates rates({5, 1});
  LimitProbe limits(rates);
  OverheadProbe probe(rates, limits);
  const Network narrow = Network::parse("affine(8,8) tanh affine(8,4)");
  LimitTime limit, alone;
  limit.products = 1e-6;
  alone.products = 3e-6;
  const OverheadTime time = probe.of(*kernel_named("auto"), narrow, Loss::named("squared_error", Reduction::mean), 32,
                                     "double", 2, limit, alone);
  CHECK(time.serial == alone.total() - limit.total());
  CHECK(time.member == 0);
  CHECK(time.note.find("one thread runs") != std::string::npos);
  // Its part takes longer than hardly any time.
  const Network wide = Network::parse("affine(128,128) tanh affine(128,4)");
  limit.products = 1e-12;
  const auto of_team = [&] {
    return probe.of(*kernel_named("auto"), wide, Loss::named("squared_error", Reduction::mean), 64, "double", 2, limit,
                    alone);
  };
  const OverheadTime team = of_team();
  CHECK(team.member > 0);
  CHECK(team.serial == 0);
  const std::size_t told = team.note.find("one member's part takes");
  REQUIRE(told != std::string::npos);
  double by_itself = 0, at_once = 0;
  REQUIRE(std::sscanf(team.note.c_str() + told, "one member's part takes %lf s by itself, %lf s on every core at once",
                      &by_itself, &at_once) == 2);
  CHECK(team.member == Approx(by_itself).epsilon(0.01));
  CHECK(team.contention == Approx(std::max(0.0, at_once - by_itself)).margin(0.01 * at_once));
  OverheadProbe small(rates, limits, 1000);
  const OverheadTime without = small.of(*kernel_named("auto"), wide, Loss::named("squared_error", Reduction::mean), 64,
                                        "double", 2, limit, alone);
  CHECK(without.member == team.member);
  CHECK(without.contention == 0);
  CHECK(without.note.find("at once not measured: ") != std::string::npos);
  // The same measurements beyond a limit between the two, and beyond one above them.
  limit.products = (by_itself + at_once) / 2;
  CHECK(of_team().contention == Approx(std::max(0.0, (at_once - by_itself) / 2)).margin(0.01 * at_once));
  limit.products = by_itself + 1.01 * at_once;  // the note rounds it to three digits
  CHECK(of_team().member == 0);
  CHECK(of_team().contention == 0);
}

TEST_CASE("fractions: reading and writing one sample's weights and gradient, beyond a limit that is given") {
  MeasuredRates rates({5, 1});
  LimitProbe limits(rates);
  OverheadProbe probe(rates, limits);
  const auto of = [&](const char* text, double limit_memory) {
    LimitTime limit;
    limit.memory = limit_memory;
    return probe.of(*kernel_named("auto"), Network::parse(text), Loss::named("squared_error", Reduction::mean), 1,
                    "double", 1, limit, limit);
  };
  const char* wide = "affine(1100,1100) tanh affine(1100,4)";
  const OverheadTime time = of(wide, 0);
  const double all = time.memory;  // measured once
  CHECK(all > 1e-5);               // 30 MB at less than 3 TB/s
  CHECK(of(wide, all / 4).memory == all - all / 4);
  CHECK(of(wide, 2 * all).memory == 0);
  CHECK(time.note.find("bytes read, written and read take") != std::string::npos);
  CHECK(of("affine(8,8) tanh affine(8,4)", 0).memory == 0);  // the second cache holds them
}

TEST_CASE("fractions: steps of one sample wait for each other") {
  MeasuredRates rates({50, 1, 200});
  LimitProbe limits(rates);
  OverheadProbe probe(rates, limits);
  const OverheadTime time = probe.of(*kernel_named("auto"), Network::parse("affine(8,8) tanh affine(8,8)"),
                                     Loss::named("softmax_cross_entropy", Reduction::mean), 1, "double", 1, {}, {});
  CHECK(time.latency > 0);
}

TEST_CASE("fractions: weights of one sample that the second cache holds are asked for by steps with their own") {
  MeasuredRates rates({5, 1});
  LimitProbe limits(rates);
  OverheadProbe probe(rates, limits);
  /// The measurements of chains that a network of so many layers of this width needs.
  const auto chains = [&](int layers, int width) {
    std::string text;
    for (int l = 0; l < layers; ++l) text += fmt::format("affine({},{}) tanh ", width, width);
    std::set<std::string> names;
    const auto ask = [&] {
      probe.of(*kernel_named("auto"), Network::parse(text), Loss::named("squared_error", Reduction::mean), 1, "float",
               1, {}, {});
    };
    for (const MeasuredRates::Way& way : rates.needed(ask))
      if (const std::string name = way.timed.name; name.starts_with("chain/"))
        names.insert(name.substr(name.size() - 5));
    return names;
  };
  const auto width = static_cast<int>(std::sqrt(cache_bytes(2) / (3 * 2 * 4 * 8)));  // 8 layers: a third of the cache
  CHECK(chains(8, width).size() == 3);
  CHECK(chains(8, width).contains("lse/8"));  // on what the one before gave, by 8 matrices
  CHECK(chains(2, 8).size() == 2);            // the first cache holds them
  CHECK(chains(8, 2 * width).size() == 2);    // the second does not
  FusedStep<float> step;
  Chain<float> chain(kernel_named("auto")->in_float(), step, 40, 100);
  CHECK(chain.rounds == 100);
  chain.run(false);
  chain.run(true);
}

TEST_CASE("fractions: twice the layers have twice the sums") {
  MeasuredRates rates({5, 1});
  LimitProbe limits(rates);
  OverheadProbe probe(rates, limits);
  const auto sums = [&](const char* text) {
    const OverheadTime time = probe.of(*kernel_named("auto"), Network::parse(text),
                                       Loss::named("squared_error", Reduction::mean), 32, "float", 1, {}, {});
    return time.sums;
  };
  const double two = sums("affine(64,64) tanh affine(64,64)");
  CHECK(two > 0);
  CHECK(sums("affine(64,64) tanh affine(64,64) tanh affine(64,64) tanh affine(64,64)") == Approx(2 * two));
}

TEST_CASE("fractions: what kernels do not know has a row that says so") {
  const BenchBlock block =
      block_of("affine(6,6) layer_norm(6) affine(6,3)", 4, "double", 1, "softmax_cross_entropy", "reverse_vjp");
  const Cell cell = block.cell("reverse_vjp", 1);
  CHECK(parts_of(block, cell).empty());
  const std::vector<Row> rows = fraction_rows(block, timed("gradient", cell, 1e-6), {});
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().status == Status::unsupported);
  CHECK(rows.front().note.find("layer_norm") != std::string::npos);
}

TEST_CASE("fractions: a figure is the median over the processes, and a part that is 0 has no row") {
  const BenchBlock block =
      block_of("affine(4,4) tanh affine(4,3)", 1, "double", 1, "softmax_cross_entropy", "reverse_vjp");
  const Cell cell = block.cell("reverse_vjp", 1);
  TimedCell gradient = timed("gradient", cell, 2e-6), limit = timed("limit_seconds", cell, 1e-6),
            none = timed("overhead_memory", cell, 0);
  for (const double more : {3e-6, 2e-6}) limit.processes.push_back(timed("", cell, more).processes.front());
  for (const double more : {6e-6, 5e-6}) gradient.processes.push_back(timed("", cell, more).processes.front());
  const std::vector<Row> rows = fraction_rows(block, gradient, {gradient, limit, none});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].quantity == "limit_seconds");
  CHECK(rows[0].value == 2e-6);
  CHECK(rows[1].quantity == "fraction_of_limit");
  CHECK(rows[1].value == 0.5);  // of 1/2, 3/6 and 2/5
  CHECK(limit.is_part());
  CHECK_FALSE(gradient.is_part());
}

/// rows.csv of `bench --limits` with more arguments.
std::string rows_of_program(const std::string& arguments) {
  const Scratch scratch;
  const Finished run = backprove("bench --strategy reverse_vjp --scalar double --threads 1,2 --rounds 5 --limits " +
                                     arguments + " --quiet --out out",
                                 scratch / ".");
  INFO(run.err);
  REQUIRE(run.status == 0);
  return content(scratch / "out/rows.csv");
}

TEST_CASE("fractions: the program writes them with --limits") {
  const std::string rows = rows_of_program("--depth 2 --width 8 --batch 1");
  for (const char* quantity : {",limit_seconds,", ",fraction_of_limit,", ",overhead_vectors,"}) {
    CAPTURE(quantity);
    CHECK(rows.find(quantity) != std::string::npos);
  }
}

TEST_CASE("fractions: what a team's meetings take is sampled with the gradient, in every process") {
  const std::string rows = rows_of_program("--depth 4 --width 128 --batch 32 --restarts 2");
  CHECK(rows.find(",2,overhead_meetings,") != std::string::npos);
  CHECK(rows.find(",1,overhead_meetings,") == std::string::npos);
  CHECK(rows.find(",meetings,") == std::string::npos);
  CHECK(rows.find("unsupported") == std::string::npos);
}

}  // namespace
}  // namespace backprove::test
