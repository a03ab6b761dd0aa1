#include <cmath>
#include <map>
#include <set>

#include "bench/bench_sweep.hpp"
#include "bench/timed_cell.hpp"
#include "bench/verified.hpp"
#include "core/kernels/kernel.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

std::shared_ptr<SpecifiedProblem> problem_of(const std::string& network, Index batch,
                                             const std::string& loss = "softmax_cross_entropy") {
  ProblemSpec spec;
  spec.network = network;
  spec.loss = loss;
  spec.recipe.batch = batch;
  auto problem = std::make_shared<SpecifiedProblem>(spec);
  problem->make([](const std::string&) {});
  return problem;
}

Outcome outcome_of(const SpecifiedProblem& problem, const Engine& engine, const StrategyInfo& strategy,
                   const Options& options) {
  const Data& data = problem.data();
  return engine.run(strategy.name,
                    {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options});
}

TEST_CASE("bench: a gradient is verified before it is timed, and a wrong one is rejected") {
  const auto problem = problem_of("affine(6,9) tanh affine(9,4)", 20);
  for (const char* scalar : {"float", "double", "long_double"})
    for (const char* name : {"reverse_vjp", "jacobian_structured", "forward_mode", "central_difference"})
      for (const bool input : {true, false}) {
        CAPTURE(scalar, name, input);
        const Engine& engine = engine_named(scalar);
        const StrategyInfo& strategy = strategy_named(name);
        Options options;
        options.threads = 2;
        options.input_gradient = input;
        Outcome outcome = outcome_of(*problem, engine, strategy, options);
        Verifier verifier(*problem, engine, Limits{});
        const Status right = verifier.of(strategy, options, outcome).status;
        const bool difference = strategy.name == "central_difference";
        CHECK((right == Status::ok || (difference && right == Status::inconclusive)));
        for (const double wrong : {outcome.gradient.as_double(3) + 0.1, std::nan("")}) {
          std::vector<double> entries;
          for (Index k = 0; k < outcome.gradient.size(); ++k)
            entries.push_back(k == 3 ? wrong : outcome.gradient.as_double(k));
          Outcome bent = outcome;
          bent.gradient = Values();
          bent.gradient.assign(std::move(entries));
          const Status status = verifier.of(strategy, options, bent).status;
          CHECK((status == (std::isnan(wrong) ? Status::nonfinite : Status::failed) ||
                 (difference && status == Status::inconclusive)));
        }
      }
}

TEST_CASE("bench: a block has a row for every quantity of every cell, and every sample") {
  BenchBlock block{problem_of("affine(5,8) relu affine(8,3)", 7),
                   &engine_named("double"),
                   {&strategy_named("reverse_vjp"), &strategy_named("complex_step"), &strategy_named("exact_rational")},
                   {1, 2},
                   {},
                   {},
                   {6, 60}};
  const BlockResult result = run(block, [](const std::string&) {});
  std::map<std::string, std::set<std::string>> quantities;
  for (const Row& row : result.rows) {
    CAPTURE(row.cell.strategy, row.quantity, row.note);
    CHECK(row.status == (row.cell.strategy == "exact_rational" ? Status::unsupported : Status::ok));
    if (row.unit == "s") CHECK(row.value > 0);
    quantities[row.cell.strategy + std::to_string(row.cell.threads)].insert(row.quantity);
  }
  const std::set<std::string> timed{"seconds_p10", "seconds_median", "cpu_seconds_p10", "cold_seconds_p10",
                                    "cold_seconds_median"};
  std::set<std::string> of_gradient = timed;
  of_gradient.insert({"verified", "predicted_bytes", "peak_bytes", "heap_peak_bytes", "working_bytes",
                      "activations_bytes", "predicted_multiplications", "ratio_to_loss"});
  CHECK(quantities["loss1"] == timed);
  CHECK(quantities["loss2"] == timed);
  const auto with = [&](const std::set<std::string>& more) {
    std::set<std::string> all = of_gradient;
    all.insert(more.begin(), more.end());
    return all;
  };
  CHECK(quantities["complex_step2"] == with({"speedup", "ratio_to_reverse"}));
  CHECK(quantities["reverse_vjp2"] == with({"speedup"}));
  of_gradient.insert({"multiplications", "additions"});
  CHECK(quantities["complex_step1"] == with({"ratio_to_reverse"}));
  of_gradient.insert("noise_floor");
  CHECK(quantities["reverse_vjp1"] == of_gradient);
  CHECK(quantities["exact_rational1"] == std::set<std::string>{"verified"});
  // Four gradients, two losses and the control, six samples each.
  CHECK(std::count(result.samples.begin(), result.samples.end(), '\n') == 7 * 6);
}

/// Checks that every strategy holds what it predicts, within a tenth; on one thread, 4 samples in double.
void check_memory(const std::string& network, const std::string& loss, const std::vector<std::string>& names,
                  const Kernel* kernel = nullptr) {
  BenchBlock block{problem_of(network, 4, loss), &engine_named("double"), {}, {1}, {}, {}, {5, 1}};
  for (const std::string& name : names) block.strategies.push_back(&strategy_named(name));
  block.options.kernel = kernel;
  std::map<std::string, std::map<std::string, double>> found;
  for (const Row& row : run(block, [](const std::string&) {}).rows)
    found[row.cell.strategy][std::string(row.quantity)] = row.value;
  for (const std::string& name : names) {
    const auto& of = found[name];
    CAPTURE(network, loss, name, of.at("working_bytes"), of.at("predicted_bytes"));
    if (std::isnan(of.at("working_bytes"))) continue;  // this build does not see the heap
    CHECK(of.at("working_bytes") == Approx(of.at("predicted_bytes")).epsilon(0.1));
  }
}

// The largest matrices are those of the parameters: two shapes, the last layer's factor being small in one of them.
TEST_CASE("bench: explicit Jacobians hold what they predict") {
  for (const char* network : {"affine(48,48) tanh affine(48,48) tanh affine(48,48)", "affine(96,96) tanh affine(96,8)"})
    check_memory(network, "squared_error", {"jacobian_literal", "jacobian_prefix", "jacobian_literal_dense"});
  check_memory("layer_norm(512) affine(512,4)", "squared_error", {"jacobian_literal", "jacobian_structured"});
  check_memory("affine(4,400) log_softmax affine(400,4)", "squared_error", {"jacobian_structured"});
  const JacobianSizes sizes = Network::parse("residual(affine(20,20) tanh layer_norm affine(20,20))").jacobian_sizes(0);
  CHECK(sizes.input == 20 + 100);             // the diagonal and layer_norm's
  CHECK(sizes.params == 0 + 20 + 100 + 120);  // of each layer from the top: its own, and what lies above it
}

TEST_CASE("bench: differences hold what they predict, what enters the layer too") {
  check_memory("affine(1000,2)", "squared_error", {"forward_difference", "central_difference"});
}

TEST_CASE("bench: a fused sweep holds what is predicted, whatever the loss") {
  const Kernel* kernel = &kernels().back();
  for (const char* loss : {"softmax_cross_entropy", "squared_error"})
    for (const char* network : {"affine(4,4000)", "affine(300,300) tanh affine(300,300) silu affine(300,5)"})
      check_memory(network, loss, {"reverse_vjp", "jacobian_structured"}, kernel);
}

const std::string sweep =
    "bench --depth 2,3 --width 4 --batch 3 --scalar double --threads 1,2 --rounds 5 --quiet --out out";

TEST_CASE("bench: the program writes rows, samples and environment, and does nothing twice") {
  const Scratch scratch;
  const Finished first = backprove(sweep, scratch / ".");
  INFO(first.err);
  REQUIRE(first.status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  CHECK(rows.find(",seconds_p10,") != std::string::npos);
  CHECK(first.out.find("noise floor (two copies of one cell, p10)") != std::string::npos);
  CHECK(content(scratch / "out/environment.json").find("OMP_PROC_BIND") != std::string::npos);
  Index files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "out/samples")) {
    CHECK(content(entry.path()).starts_with(sample_columns));
    ++files;
  }
  CHECK(files == 2);
  const Finished second = backprove(sweep, scratch / ".");
  CHECK(second.status == 0);
  CHECK(content(scratch / "out/rows.csv") == rows);  // times too: nothing was run again
}

TEST_CASE("bench: one sample's overheads of a wide and flat layer need no square of it") {
  const Scratch scratch;
  const Finished run = backprove(
      "bench --network 'affine(60000,2)' --batch 1 --limits --strategy reverse_vjp --scalar double --quick --quiet "
      "--out "
      "out",
      scratch / ".");
  INFO(run.err);
  CHECK(run.status == 0);  // two squares of it would have 58 GB
  CHECK(content(scratch / "out/rows.csv").find(",fraction_of_limit,") != std::string::npos);
}

TEST_CASE("bench: gains that differ in the ninth digit are different cells") {
  const auto cell = [](double gain) {
    ProblemSpec spec;
    spec.network = "affine(3,2)";
    spec.loss = "squared_error";
    spec.recipe.gain = gain;
    return SpecifiedProblem(spec).cell();
  };
  CHECK(cell(1).options.at("gain") == "1");
  CHECK(cell(1).id() != cell(1.00000001).id());
}

TEST_CASE("bench: a network without parameters has nothing to compare, and is timed") {
  const Scratch scratch;
  const Finished run = backprove("bench --network 'tanh(4)' --batch 3 --quick --quiet --out out", scratch / ".");
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(content(scratch / "out/rows.csv").find("the network has no parameters") != std::string::npos);
}

TEST_CASE("bench: what is named twice is measured once, and folders of others are left alone") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "out" / "work");
  put(scratch / "out" / "work" / "thesis.txt", "mine");
  const std::string once =
      "bench --depth 1 --width 8 --scalar double --strategy reverse_vjp --memory 1e-9 --quiet --out ";
  for (const char* repeated : {"out --batch 4,4", "out --batch 4 --activation tanh,relu"}) {
    const Finished run = backprove(once + repeated, scratch / ".");
    INFO(run.err);
    CHECK(run.status == 0);
  }
  const Finished plain = backprove(once + "plain --batch 4", scratch / ".");
  CHECK(plain.status == 0);
  CHECK(content(scratch / "out/rows.csv") == content(scratch / "plain/rows.csv"));
  CHECK(content(scratch / "out" / "work" / "thesis.txt") == "mine");
}

TEST_CASE("bench: a sweep takes a peer that only some of its cells can be compared with") {
  const Scratch scratch;
  for (const char* name : {"width", "memory"}) {
    const Finished run =
        backprove(std::string("bench --quick --memory 1e-9 --quiet --peers jax_jit --sweep ") + name + " --out " + name,
                  scratch / ".");
    INFO(run.err);
    CHECK(run.status == 0);
  }
}

TEST_CASE("bench: what exceeds a limit is a row that says so") {
  const Scratch scratch;
  const Finished run = backprove(
      "bench --network 'affine(30,30)' --batch 3 --scalar float --operations 1000 --rounds 5 --quiet --out out",
      scratch / ".");
  CHECK(run.status == 0);
  CHECK(content(scratch / "out/rows.csv").find(",verified,nan,1,limit,") != std::string::npos);
}

TEST_CASE("bench: bad usage is one line and status 2") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"bench --depth 2", "--out is required"},
      {"bench --out out --rounds 0", "--rounds: expected a whole number from 1 to 1000000, got '0'"},
      {"bench --out out --seconds -1", "--seconds: expected a positive number, got '-1'"},
      {"bench --out out --strategy fast", "unknown strategy 'fast'"},
      {"bench --out out --scalar running_error", "scalar 'running_error' only serves others"},
      {"bench --out out --threads 0", "--threads: expected a whole number from 1 to 1024, got '0'"},
      {"bench --out out --network 'affine(2,2)' --depth 3", "--network and --depth exclude each other"},
      {"bench --out out --network 'affine(2,'", "expected"},
      {"bench --network 'affine(2,2)' --out /proc/x", "cannot write '/proc/x"},
  };
  for (const auto& [arguments, expected] : cases) {
    CAPTURE(arguments);
    const Scratch scratch;
    const Finished run = backprove(arguments, scratch / ".");
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find(expected) != std::string::npos);
  }
}

}  // namespace
}  // namespace backprove::test
