#include "bench/instructions.hpp"

#include <cmath>
#include <map>

#include "core/kernels/kernel.hpp"
#include "verify/generated_network.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

BenchBlock block_of(const Scratch& scratch, Index depth, const char* scalar, const char* kernel) {
  ProblemSpec spec{generated_network(depth, 16, 16, 10, "tanh"), "softmax_cross_entropy", Reduction::mean, {}, 0};
  spec.recipe.batch = 16;  // too few for kernels to cut in two, at every depth
  auto problem = std::make_shared<SpecifiedProblem>(spec);
  problem->make([](const std::string&) {});
  BenchBlock block{problem, &engine_named(scalar), {&strategy_named("reverse_vjp")}, {2}, {}, {}, {6, 60}};
  block.options.kernel = kernel_named(kernel);
  block.program = BACKPROVE_PROGRAM;
  block.work = scratch / ".";
  return block;
}

/// Instructions by strategy.
std::map<std::string, double> counts_of(const BenchBlock& block) {
  std::map<std::string, double> counts;
  for (const Row& row : count_instructions(block, block.strategies)) {
    CAPTURE(row.note);
    CHECK(row.status == Status::ok);
    CHECK(row.cell.threads == 1);
    CHECK(row.cell.kernel != "fused_avx512");
    counts[row.cell.strategy] = row.value;
  }
  return counts;
}

TEST_CASE("instructions: the same to the last one every time, and as many more for every layer") {
  for (const char* kernel : {"auto", "plain"}) {
    CAPTURE(kernel);
    const Scratch scratch;
    std::map<Index, std::map<std::string, double>> at;
    for (const Index depth : {4, 8, 12}) at[depth] = counts_of(block_of(scratch, depth, "double", kernel));
    for (const char* what : {"reverse_vjp", "loss"}) {
      CAPTURE(what, at[4][what], at[8][what], at[12][what]);
      // Four more layers of the same shape; the rest is the same, but libm's tanh takes other paths for other numbers.
      CHECK(at[12][what] - at[8][what] == Approx(at[8][what] - at[4][what]).epsilon(0.05));
      // At least the multiplications, four in an instruction.
      CHECK(at[4][what] > 3 * 16 * 16 * 16 / 4);
    }
    CHECK(at[4]["reverse_vjp"] > 1.5 * at[4]["loss"]);
    CHECK(counts_of(block_of(scratch, 4, "double", kernel)) == at[4]);
  }
}

TEST_CASE("instructions: a call that is too long to be made twice counts like the others") {
  const Scratch scratch;
  const StrategyInfo& literal = strategy_named("jacobian_literal");
  const auto count = [&](Index depth) {
    BenchBlock block = block_of(scratch, depth, "double", "plain");
    block.strategies = {&literal};
    const bool once =
        literal.predict({block.problem->network(), 16, block.options.input_gradient, 1}).multiplications >= 3e7;
    CHECK(once == (depth == 44));  // where bench/worker.cpp has its limit
    return counts_of(block)["jacobian_literal"];
  };
  // A polynomial of degree two in the depth, through three counts of second calls, at a fourth that is a first call;
  // second calls lie up to 2 % off it too.
  const double c12 = count(12), c20 = count(20), c28 = count(28);
  const double predicted = c12 + 4 * (c20 - c12) + 6 * (c28 - 2 * c20 + c12);
  CHECK(count(44) == Approx(predicted).epsilon(0.03));
}

TEST_CASE("instructions: several strategies share two processes and count as each does alone") {
  const Scratch scratch;
  BenchBlock block = block_of(scratch, 4, "double", "plain");
  const std::vector<const StrategyInfo*> all{&strategy_named("reverse_vjp"), &strategy_named("jacobian_literal"),
                                             &strategy_named("jacobian_prefix")};
  block.strategies = all;
  const std::map<std::string, double> together = counts_of(block);
  CHECK(together.size() == 4);  // and the loss
  for (const StrategyInfo* strategy : all) {
    block.strategies = {strategy};
    std::map<std::string, double> alone = counts_of(block);
    for (const char* what : {strategy->name.data(), "loss"}) {
      CAPTURE(what);
      CHECK(alone[what] == Approx(together.at(what)).epsilon(0.01));
    }
  }
}

TEST_CASE("instructions: what cannot be counted is a row with the reason") {
  const Scratch scratch;
  const BenchBlock extended = block_of(scratch, 2, "long_double", "plain");
  for (const Row& row : count_instructions(extended, extended.strategies)) {
    CHECK(row.status == Status::unsupported);
    CHECK(row.note == "valgrind computes long double in 64 bits");
  }
  BenchBlock large = block_of(scratch, 2, "double", "plain");
  large.most_counted = 100;
  for (const Row& row : count_instructions(large, large.strategies)) {
    CHECK(row.status == Status::limit);
    CHECK(row.note.find("the limit under valgrind is 100") != std::string::npos);
  }
  BenchBlock missing = block_of(scratch, 2, "double", "plain");
  missing.program = "/nowhere/backprove";
  const std::vector<Row> rows = count_instructions(missing, missing.strategies);
  REQUIRE(rows.size() == 2);
  for (const Row& row : rows) {
    CHECK(row.status == Status::failed);
    CHECK(std::isnan(row.value));
  }
}

TEST_CASE("instructions: without valgrind there is a row that says so") {
  const Scratch scratch;
  const BenchBlock block = block_of(scratch, 2, "double", "plain");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const std::vector<Row> rows = count_instructions(block, block.strategies);
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(rows.size() == 2);
  for (const Row& row : rows) {
    CHECK(row.status == Status::unsupported);
    CHECK(row.note.find("valgrind is not installed") != std::string::npos);
  }
}

}  // namespace
}  // namespace backprove::test
