#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "core/kernels/kernel.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/program/sweep_arguments.hpp"
#include "verify/random_problems.hpp"
#include "verify/stage_table.hpp"
#include "verify/sweep.hpp"

namespace backprove {

namespace {

struct VerifyArguments {
  ProblemArguments problem;
  SweepArguments networks;
  std::vector<Index> batches = {4};
  std::vector<std::string> scalars = {"float", "double"}, strategies;
  std::vector<int> threads = {1};
  std::vector<double> step_factors = {1};
  Index train = 0, snapshots = 0, random = 0;
  int jobs = 0, sketch = 0;
  double resolution = 1;
  bool quick = false, quiet = false;
  std::string kernel = "plain", out;
};

/// Whether people need to read about this row. Pairs say no more than votes, and the rest no more than the verdict.
bool shown_failure(const Row& row) {
  static const std::set<std::string_view> shown{"verdict",
                                                "stage_error_over_bound",
                                                "adversary_rejections",
                                                "sketch_over_bound",
                                                "per_sample_error_over_bound",
                                                "agreeing_strategies",
                                                "mismatched_entries",
                                                "inputs_on_kinks"};
  const bool failed = row.status == Status::failed || row.status == Status::nonfinite;
  return failed && shown.contains(row.quantity);
}

std::string failure_line(const Row& row) {
  const std::string where =
      fmt::format("{} in {}, {}", row.cell.strategy, row.cell.scalar, shortened(row.cell.network));
  return row.note.starts_with("FAIL") ? fmt::format("{} ({})", row.note, where)
                                      : fmt::format("FAIL {}: {}", where, row.note);
}

/// What could not show at the chosen points, each reason once.
void print_vacuous(const std::vector<Row>& rows) {
  std::set<std::string> notes;
  for (const Row& row : rows)
    if (row.quantity == "vacuous_conditions" && row.value > 0)
      notes.insert(fmt::format("{} ({})", row.note, shortened(row.cell.network)));
  Index shown = 0;
  for (const std::string& note : notes)
    if (shown++ < 5) fmt::print("{}\n", note);
  if (shown > 5) fmt::print("and {} more such points: see rows.csv\n", shown - 5);
}

Sweep sweep_of(const VerifyArguments& arguments) {
  Sweep sweep;
  for (const std::string& name : arguments.scalars) {
    sweep.scalars.push_back(&engine_named(name));
    if (!sweep.scalars.back()->listed())
      throw std::invalid_argument(fmt::format("scalar '{}' only serves others; see backprove list scalars", name));
  }
  for (const std::string& name : arguments.strategies) {
    const StrategyInfo* strategy = &strategy_named(name);
    if (std::ranges::find(sweep.strategies, strategy) == sweep.strategies.end()) sweep.strategies.push_back(strategy);
  }
  if (sweep.strategies.empty())
    for (const StrategyInfo& info : strategies()) sweep.strategies.push_back(&info);
  if (arguments.random > 0)
    sweep.problems = random_problems(arguments.random, arguments.problem.seed,
                                     arguments.problem.recipe(arguments.scalars, 1).precision);
  else
    for (const std::string& text : arguments.networks.networks(arguments.problem.network))
      for (const Index batch : arguments.batches) {
        ProblemSpec spec{text, arguments.problem.loss, arguments.problem.parsed_reduction(),
                         arguments.problem.recipe(arguments.scalars, batch), arguments.train};
        sweep.problems.push_back(std::move(spec));
      }
  sweep.threads = arguments.threads;
  sweep.step_factors = arguments.step_factors;
  sweep.options.snapshots = arguments.snapshots;
  sweep.options.kernel = kernel_named(arguments.kernel);
  sweep.limits = arguments.problem.limits();
  if (arguments.quick) sweep.limits.multiplications = std::min(sweep.limits.multiplications, 2e8);
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const int most = *std::max_element(sweep.threads.begin(), sweep.threads.end());
  sweep.jobs = arguments.jobs > 0 ? arguments.jobs : std::max(1, cores / most);
  sweep.sketch = arguments.sketch;
  sweep.resolution = arguments.resolution;
  sweep.out = arguments.out;
  sweep.quiet = arguments.quiet;
  return sweep;
}

}  // namespace

void add_verify(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("verify", "every strategy against the reference, the enclosure and each other");
  auto arguments = std::make_shared<VerifyArguments>();
  arguments->networks.add_to(*command, arguments->problem.network);
  command
      ->add_option(
          "--random", arguments->random,
          "so many random networks, losses and batches instead (depth 1-16, width 1-128, batch 1-64), by --seed")
      ->check(whole(1, 1000000));
  arguments->problem.add_to(*command);
  command->add_option("--batch", arguments->batches, "samples, e.g. 1,32")
      ->check(whole(1, most_samples))
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--train", arguments->train, "first train so many Adam steps in double")
      ->check(whole(0, 1000000000))
      ->capture_default_str();
  command->add_option("--scalar", arguments->scalars, "scalars of `backprove list scalars`")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--strategy", arguments->strategies, "strategies of `backprove list strategies`; all if left out")
      ->delimiter(',');
  command->add_option("--threads", arguments->threads, "threads of every strategy, e.g. 1,2")
      ->check(whole(1, most_threads))
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--step-factor", arguments->step_factors, "multiply the steps of differences, e.g. 0.01,1,100")
      ->check(positive())
      ->delimiter(',');
  command->add_option("--snapshots", arguments->snapshots, "of reverse_checkpointed; 0 chooses")
      ->check(whole(0, 1000000))
      ->capture_default_str();
  add_kernel(*command, arguments->kernel);
  command->add_option("--jobs", arguments->jobs, "cell groups that run at once; 0 uses all cores")
      ->check(whole(0, most_threads))
      ->capture_default_str();
  command
      ->add_option(
          "--sketch", arguments->sketch,
          "for large networks: judge the stages by so many random directions a tensor, not entry by entry; beyond "
          "2e6 multiplications without reference and enclosure")
      ->check(whole(0, 1000))
      ->capture_default_str();
  command
      ->add_option("--resolution", arguments->resolution,
                   "pass only where errors this large, over a block's largest entry, are excluded; else inconclusive. "
                   "It never turns a failure into a pass")
      ->check(positive())
      ->capture_default_str();
  command->add_flag("--quick", arguments->quick, "limit every cell to 2e8 predicted multiplications");
  command->add_flag("--quiet", arguments->quiet, "no progress lines");
  command->add_option("--out", arguments->out, "folder for rows.csv, environment.json and the journal")
      ->check(text_of("a folder"))
      ->required();
  command->footer(
      "A run that was stopped goes on where it was: what the journal in --out has from the same build is not run "
      "again.\nExit status: 0 nothing failed, 1 a cell failed or is not finite, 2 bad usage or input.\nExample: "
      "backprove verify --depth 2,4,8 --width 8 --scalar float,double --out out/first");
  command->callback([arguments, command, &status] {
    arguments->networks.check(*command);
    for (const char* name : {"--network", "--depth", "--width", "--activation", "--inputs", "--outputs", "--loss",
                             "--batch", "--reduction", "--init", "--data", "--train"})
      if (arguments->random > 0 && command->count(name) > 0)
        throw std::invalid_argument(fmt::format("--random draws what {} sets: give one of them", name));
    set_digits(arguments->problem.digits, arguments->scalars);
    const Sweep sweep = sweep_of(*arguments);
    const std::vector<Row> rows = run(sweep);
    const Index failed = failures(rows);
    if (const std::string stages = stage_table(rows); !stages.empty()) fmt::print("{}\n", stages);
    fmt::print("{}\n{} rows, {} failed; wrote {}\n", table_of(rows), rows.size(), failed,
               (sweep.out / "rows.csv").string());
    print_vacuous(rows);
    if (failed > 0) {
      Index shown = 0;
      for (const Row& row : rows)
        if (shown_failure(row) && shown++ < 20) fmt::print("{}\n", failure_line(row));
      if (shown > 20) fmt::print("and {} more: see rows.csv\n", shown - 20);
      status = 1;
    }
  });
}

}  // namespace backprove
