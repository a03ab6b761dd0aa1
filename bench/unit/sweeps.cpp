#include <cmath>
#include <map>
#include <set>

#include "bench/named_sweep.hpp"
#include "core/engine.hpp"
#include "core/network.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

TEST_CASE("sweeps: every case can be read, and a quick sweep is a part of the whole one") {
  CHECK(named_sweeps().size() >= 5);
  for (const NamedSweep& sweep : named_sweeps()) {
    CAPTURE(sweep.name);
    CHECK(&sweep_named(sweep.name) == &sweep);
    std::set<std::string> all;
    const auto id = [](const SweepCase& one) {
      return one.network + " " + std::to_string(one.batch) + " " + std::to_string(one.snapshots);
    };
    for (const SweepCase& one : sweep.cases(false)) {
      CHECK(all.insert(id(one)).second);
      CHECK(Network::parse(one.network).size() > 0);
      for (const std::string& name : one.scalars) CHECK(engine_named(name).listed());
      for (const std::string& name : one.strategies) CHECK(strategy_named(name).name == name);
    }
    const std::vector<SweepCase> quick = sweep.cases(true);
    CHECK(quick.size() < all.size());
    for (const SweepCase& one : quick) CHECK(all.contains(id(one)));
  }
  CHECK_THROWS_AS(sweep_named("breadth"), std::invalid_argument);
}

/// Sizes of one axis at which every strategy of the sweep is within its limit.
std::set<Index> affordable(const NamedSweep& sweep, Index (*axis)(const Network&), bool (*wanted)(const Network&)) {
  std::set<Index> sizes;
  for (const SweepCase& one : sweep.cases(false)) {
    const Network network = Network::parse(one.network);
    if (!wanted(network)) continue;
    bool all = true;
    for (const std::string& name : one.strategies)
      all = all && strategy_named(name).predict({network, one.batch, false, 1}).multiplications <= one.multiplications;
    if (all) sizes.insert(axis(network));
  }
  return sizes;
}

TEST_CASE("sweeps: depth has at least eight sizes over 1.5 decades for every strategy") {
  const std::set<Index> depths = affordable(
      sweep_named("depth"), [](const Network& n) { return n.depth(); },
      [](const Network& n) { return n.inputs() == 8; });
  CHECK(depths.size() >= 8);
  CHECK(std::log10(static_cast<double>(*depths.rbegin()) / static_cast<double>(*depths.begin())) > 1.5);
}

TEST_CASE("sweeps: width has at least eight sizes over 1.5 decades, with as many outputs and with ten") {
  std::map<std::pair<bool, std::string>, std::map<Index, std::set<Index>>> widths;  // and of which batch
  for (const SweepCase& one : sweep_named("width").cases(false)) {
    const Network network = Network::parse(one.network);
    for (const std::string& strategy : one.strategies)
      widths[{network.outputs() == network.inputs(), strategy}][one.batch].insert(network.inputs());
  }
  for (const auto& [of, batches] : widths) {
    CAPTURE(of.first, of.second);
    REQUIRE(batches.size() == 1);
    const std::set<Index>& sizes = batches.begin()->second;
    CHECK(sizes.size() >= 8);
    CHECK(std::log10(static_cast<double>(*sizes.rbegin()) / static_cast<double>(*sizes.begin())) > 1.5);
  }
  CHECK(widths.size() == 2 * compared_strategies().size());
}

TEST_CASE("sweeps: the program lists them, runs a part of one, and says what fits none") {
  const Scratch scratch;
  const Finished list = backprove("list sweeps", scratch / ".");
  CHECK(list.status == 0);
  for (const NamedSweep& sweep : named_sweeps())
    CHECK(list.out.find("  " + std::string(sweep.name) + " ") != std::string::npos);
  const Finished run = backprove(
      "bench --sweep grid --quick --scalar double --threads 1 --batch 1 --rounds 5 --seconds 0.1 --quiet --out out",
      scratch / ".");
  INFO(run.err);
  CHECK(run.status == 0);
  Index blocks = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(scratch / "out/samples")) ++blocks;
  CHECK(blocks == 4);
  const Finished narrow = backprove(
      "bench --sweep depth --width 8 --depth 4,8 --strategy reverse_vjp --scalar double --rounds 5 --quiet --out n",
      scratch / ".");
  INFO(narrow.err);
  CHECK(narrow.status == 0);
  const std::string narrowed = content(scratch / "n/rows.csv");
  CHECK(narrowed.find("affine(32,") == std::string::npos);
  for (const char* depth : {"4", "8"})
    CHECK(narrowed.find(std::string(",") + depth + ",8,4,softmax_cross_entropy,") != std::string::npos);
  CHECK(narrowed.find(",6,8,4,softmax_cross_entropy,") == std::string::npos);
  const std::string rows = content(scratch / "out/rows.csv");
  CHECK(rows.find(",float,") == std::string::npos);
  const std::vector<std::pair<std::string, std::string>> cases{
      {"bench --sweep breadth --out out", "unknown sweep 'breadth'; known are: depth grid memory threads width"},
      {"bench --sweep memory --scalar float --out out", "sweep 'memory' has no --scalar float; it has double"},
      {"bench --sweep grid --depth 8,3 --out out", "sweep 'grid' has no --depth 3; it has 2,8,32,128"},
      {"bench --sweep width --batch 1 --strategy reverse_vjp --out out", "nothing is left of sweep 'width'"},
      {"bench --sweep grid --quick --depth 128 --out out", "sweep 'grid' with --quick has no --depth 128; it has 2,8"},
      {"bench --sweep grid --threads 2,3 --out out", "sweep 'grid' has no --threads 3; it has 1,2"},
      {"bench --sweep grid --strategy reverse_vjp,forward_mode --out out",
       "sweep 'grid' has no --strategy forward_mode; it has reverse_vjp"},
      {"bench --sweep grid --activation relu --out out", "--sweep and --activation exclude each other"},
      {"bench --sweep grid --network 'affine(2,2)' --out out", "--sweep and --network exclude each other"},
      {"bench --restarts 0 --out out", "--restarts: expected a whole number from 1 to 1000, got '0'"},
  };
  for (const auto& [arguments, expected] : cases) {
    CAPTURE(arguments);
    const Finished bad = backprove(arguments, scratch / ".");
    CHECK(bad.status == 2);
    CHECK(bad.error_lines() == 1);
    CHECK(bad.err.find(expected) != std::string::npos);
  }
}

}  // namespace
}  // namespace backprove::test
