#include <fmt/format.h>

#include "core/parallel.hpp"
#include "verify/cell_check.hpp"
#include "verify/certificate.hpp"
#include "verify/unit/catch.hpp"

// Every strategy on every layer and loss in float and double, judged as a sweep judges it. The presets with sanitizers
// run these tests and those of the parsers.

namespace backprove {
namespace {

std::shared_ptr<SpecifiedProblem> problem_with(const std::string& network, const std::string& loss, Index batch,
                                               std::uint64_t seed) {
  ProblemSpec spec;
  spec.network = network;
  spec.loss = loss;
  spec.recipe.batch = batch;
  spec.recipe.seed = seed;
  auto problem = std::make_shared<SpecifiedProblem>(spec);
  problem->make([](const std::string&) {});
  return problem;
}

/// No row of any strategy may be failed or not finite; returns the number of judged cells.
int check_all(const std::string& network, const std::string& loss, Index batch, int threads) {
  const auto problem = problem_with(network, loss, batch, 7);
  const Limits limits{1e9, 1e7};
  const auto certificate = std::make_shared<Certificate>(*problem, limits, true);
  std::vector<const StrategyInfo*> all;
  for (const StrategyInfo& info : strategies()) all.push_back(&info);
  int judged = 0;
  for (const char* scalar : {"float", "double"}) {
    Options options;
    options.threads = threads;
    for (const Row& row : check({problem, certificate, &engine_named(scalar), all, options, limits})) {
      INFO(fmt::format("{} {} {} {} {}: {}", network, loss, scalar, row.cell.strategy, row.quantity, row.note));
      CHECK(row.status != Status::failed);
      CHECK(row.status != Status::nonfinite);
      judged += row.quantity == "error_over_bound" ? 1 : 0;
    }
  }
  return judged;
}

}  // namespace

TEST_CASE("every strategy is right on every layer in float and double", "[native]") {
  for_each_layer([]<class L>() {
    const std::string network =
        fmt::format("affine(3,4) {} affine({},2)", L::example == Affine::example ? "affine(4,4)" : L::example, 4);
    CHECK(check_all(network, "squared_error", 3, 1) >= 30);
  });
}

TEST_CASE("every strategy is right with every loss in float and double", "[native]") {
  CHECK(check_all("affine(3,4) tanh affine(4,2) sigmoid", "binary_cross_entropy", 3, 1) >= 30);
  CHECK(check_all("affine(3,4) tanh affine(4,3) softmax", "cross_entropy", 3, 1) >= 30);
  CHECK(check_all("affine(3,4) tanh affine(4,2)", "sigmoid_cross_entropy", 3, 1) >= 30);
  CHECK(check_all("affine(3,4) tanh affine(4,3)", "softmax_cross_entropy", 3, 1) >= 30);
}

TEST_CASE("threads share nothing that they write", "[native]") {
  CHECK(check_all("affine(5,6) residual(affine(6,6) relu) layer_norm affine(6,3)", "softmax_cross_entropy", 40, 4) >=
        30);
}

TEST_CASE("groups checked at once give the rows of groups checked alone", "[native]") {
  const auto problem = problem_with("affine(4,5) silu affine(5,3)", "softmax_cross_entropy", 4, 3);
  const Limits limits;
  const auto certificate = std::make_shared<Certificate>(*problem, limits, true);
  std::vector<const StrategyInfo*> all;
  for (const StrategyInfo& info : strategies()) all.push_back(&info);
  const CellGroup group{problem, certificate, &engine_named("double"), all, Options(), limits};
  const std::vector<Row> alone = check(group);
  std::vector<std::vector<Row>> together(4);
  map_chunks(4, 1, 4, [&](Index c, Index, Index) { together[static_cast<std::size_t>(c)] = check(group); });
  for (const std::vector<Row>& rows : together) {
    REQUIRE(rows.size() == alone.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].quantity != "seconds") CHECK((rows[i].value == alone[i].value || rows[i].value != rows[i].value));
  }
}

}  // namespace backprove
