#include <fmt/format.h>

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "verify/mutation/tables.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/progress.hpp"

namespace backprove {

namespace {

/// Fewer pairs mean that mutants or layers have been lost.
constexpr Index fewest_pairs = 300;

struct MutantsArguments {
  std::vector<std::string> only;
  bool quick = false, quiet = false, list = false;
  int jobs = 0;
  std::string out;
};

void print_list() {
  for (const MutantInfo& mutant : all_mutants())
    fmt::print("{:<42} {}{}{}\n", mutant.name, mutant.what, mutant.report.empty() ? "" : "  [",
               mutant.report.empty() ? "" : std::string(mutant.report) + "]");
}

void check_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    bool known = name == "network";
    for (const MutantInfo& mutant : all_mutants()) known = known || mutant.name == name;
    for_each_layer([&]<class L>() { known = known || L::name == name; });
    for_each_loss([&]<class K>() { known = known || K::name == name; });
    if (!known)
      throw std::invalid_argument(
          fmt::format("'{}' is neither a mutant (see backprove mutants --list) nor a layer nor a loss", name));
  }
}

int run(const MutantsArguments& arguments) {
  if (arguments.list) {
    print_list();
    return 0;
  }
  if (arguments.out.empty()) throw std::invalid_argument("--out is required: a folder for rows.csv");
  check_names(arguments.only);
  std::filesystem::create_directories(arguments.out);
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<Trial> trials;
  {
    std::optional<Progress> progress;
    std::once_flag started;
    trials =
        run_mutants(arguments.only, arguments.quick, arguments.jobs > 0 ? arguments.jobs : cores, [&](Index, Index of) {
          std::call_once(started, [&] { progress.emplace(of, arguments.quiet); });
          progress->done("mutants");
        });
  }
  const std::filesystem::path out = arguments.out;
  write_rows_csv(out / "rows.csv", rows_of(trials));
  write_text(out / "environment.json", describe_environment().dump(2) + "\n");
  const MutationScore total = score(trials);
  fmt::print("{}\n{}\n", table_of(trials), rule_table_of(trials));
  for (const Trial& trial : trials) {
    const bool equivalent = !trial.mutant->equivalent.empty();
    if (!trial.applied && !equivalent)
      fmt::print("NOT APPLIED {} of {} in {}\n", trial.mutant->name, trial.subject, trial.scalar);
    else if (trial.killed() == equivalent)
      fmt::print("{} {} of {} in {}{}\n", equivalent ? "FALSE ALARM for the equivalent" : "SURVIVED",
                 trial.mutant->name, trial.subject, trial.scalar, trial.detail.empty() ? "" : ": " + trial.detail);
  }
  fmt::print("{} pairs of a mutant and a layer or loss, in float and double; wrote {}\n", total.pairs,
             (out / "rows.csv").string());
  fmt::print("patterns: {} of {} named right\n", total.right_hint, total.hints);
  fmt::print("mutants: {} killed, {} survived, {} equivalent, stage right {}\n", total.killed, total.survived,
             total.equivalent, total.right_stage);
  const bool enough = !arguments.only.empty() || total.pairs >= fewest_pairs;
  if (!enough) fmt::print("fewer than {} pairs\n", fewest_pairs);
  return total.survived + total.equivalent_killed + total.unapplied > 0 || !enough ? 1 : 0;
}

}  // namespace

void add_mutants(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("mutants", "deliberate bugs in every layer, loss and strategy: does the verifier see them?");
  auto arguments = std::make_shared<MutantsArguments>();
  command->add_option("--only", arguments->only, "mutants, layers, losses or 'network' by name; all if left out")
      ->delimiter(',');
  command->add_flag("--list", arguments->list, "only print the mutants and what is wrong with each");
  command->add_flag("--quick", arguments->quick, "stop at the smallest network that kills a mutant");
  command->add_option("--jobs", arguments->jobs, "pairs that run at once; 0 uses all cores")
      ->check(whole(0, most_threads))
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "no progress lines");
  command->add_option("--out", arguments->out, "folder for rows.csv and environment.json")->check(text_of("a folder"));
  command->footer(
      "Every mutant is one bug: in a reverse step, a Jacobian or the forward mode of every layer or loss to which it\n"
      "applies, or in a strategy on whole networks; in float and in double. The table counts the pairs that each "
      "check\n"
      "catches; `stage` counts those whose stage or strategy was named right, `pattern` those whose pattern was. A\n"
      "second table says which published rules catch the shipped bugs.\n"
      "Exit status: 0 all killed, 1 one survived (or an equivalent one was rejected), 2 bad usage.\n"
      "Example: backprove mutants --only softmax,negated --out out/mutants");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace backprove
