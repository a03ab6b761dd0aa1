#include "verify/norms.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/program/sweep_arguments.hpp"

namespace backprove {

namespace {

struct NormsArguments {
  ProblemArguments problem;
  SweepArguments networks;
  Index batch = 4;
  std::string out;
};

/// What one network costs: a dense Jacobian and its singular values for every layer and sample.
constexpr double operations_per_entry = 20;

std::vector<Row> rows_of(SpecifiedProblem& problem, const Limits& limits) {
  Cell cell = problem.cell();
  cell.strategy = "reverse_vjp";
  cell.scalar = "double";
  cell.kernel = "plain";
  const auto n = static_cast<double>(problem.network().max_width());
  const double operations =
      operations_per_entry * n * n * n * static_cast<double>(problem.network().size() * problem.spec().recipe.batch);
  if (operations > limits.multiplications || problem.data_bytes() + 32 * n * n > limits.bytes)
    return {make_row(cell, "cotangent_norm", std::nan(""), Status::limit,
                     fmt::format("{:.3g} multiplications, the limit is {:.3g}", operations, limits.multiplications))};
  problem.make([](const std::string&) {});
  const Data& data = problem.data();
  const std::vector<CotangentNorm> norms =
      cotangent_norms({problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y)});
  std::vector<Row> rows;
  for (std::size_t l = 0; l < norms.size(); ++l) {
    cell.options["layer"] = std::to_string(l);
    rows.push_back(make_row(cell, "cotangent_norm", norms[l].measured));
    rows.push_back(make_row(cell, "cotangent_norm_frobenius", norms[l].by_frobenius));
    rows.push_back(make_row(cell, "cotangent_norm_singular", norms[l].by_singular_values));
  }
  const CotangentNorm& input = norms.front();
  fmt::print("{:<52} {:>11.3g} {:>11.3g} {:>11.3g}\n", shortened(problem.spec().network).substr(0, 52), input.measured,
             input.by_frobenius, input.by_singular_values);
  return rows;
}

void run_norms(const NormsArguments& arguments) {
  const ProblemArguments& given = arguments.problem;
  std::vector<std::unique_ptr<SpecifiedProblem>> problems;  // all are refused before anything is done
  for (const std::string& network : arguments.networks.networks(given.network))
    problems.push_back(std::make_unique<SpecifiedProblem>(
        ProblemSpec{network, given.loss, given.parsed_reduction(), given.recipe({"double"}, arguments.batch), 0}));
  const std::filesystem::path folder = arguments.out;
  std::filesystem::create_directories(folder);
  fmt::print("{:<52} {:>11} {:>11} {:>11}\n", "norm of the cotangent at the input", "measured", "Frobenius",
             "singular");
  std::vector<Row> rows;
  for (const auto& problem : problems)
    for (Row& row : rows_of(*problem, given.limits())) rows.push_back(std::move(row));
  write_rows_csv(folder / "rows.csv", rows);
  write_text(folder / "environment.json", describe_environment().dump(2) + "\n");
  fmt::print("\n{} rows; wrote {}\n", rows.size(), (folder / "rows.csv").string());
}

}  // namespace

void add_norms(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "norms", "how gradients vanish or explode with the depth, and what the layers' Jacobians predict");
  auto arguments = std::make_shared<NormsArguments>();
  arguments->networks.add_to(*command, arguments->problem.network);
  arguments->problem.add_to(*command);
  command->add_option("--batch", arguments->batch, "samples; norms are geometric means over them")
      ->check(whole(1, most_samples))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "folder for rows.csv and environment.json")
      ->check(text_of("a folder"))
      ->required();
  command->footer(
      "Of the cotangent of what enters every layer: its norm, the product of the Frobenius norms over sqrt(rows) of\n"
      "the Jacobians above, and the product of their largest singular values, each times the norm at the output.\n"
      "Exit status: 0 done, 2 bad usage or input.\n"
      "Example: backprove norms --depth 4,8,16,32,64 --width 16,32 --out out/norms");
  command->callback([arguments, command] {
    arguments->networks.check(*command);
    run_norms(*arguments);
  });
}

}  // namespace backprove
