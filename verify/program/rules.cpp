#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/rules/peers.hpp"
#include "verify/rules/serve.hpp"
#include "verify/rules/suite.hpp"

namespace backprove {

namespace {

struct RulesArguments {
  std::string out, peers;
  bool no_peers = false, serve = false;
};

/// The real checkers beside the ones that are written from their documentation; says what became of them.
void add_peers(RuleResults& results, const RulesArguments& arguments) {
  if (arguments.no_peers) {
    fmt::print("peers: PyTorch and JAX themselves were not run (--no-peers)\n");
    return;
  }
  const std::filesystem::path python =
      arguments.peers.empty() ? peers_python() : std::filesystem::path(arguments.peers);
  if (python.empty()) {
    fmt::print(
        "peers: PyTorch and JAX themselves were not run, because they are not installed (scripts/setup --peers)\n");
    return;
  }
  const std::size_t before = results.scores.size();
  for (const std::string& trouble : run_peers(results, python, std::filesystem::read_symlink("/proc/self/exe")))
    fmt::print("peers: {}\n", one_line(trouble));
  fmt::print("peers: {} rules of real checkers ran, each in float and double\n", (results.scores.size() - before) / 2);
}

int run(const RulesArguments& arguments) {
  if (arguments.serve) {
    serve_rule_cases(std::cin, std::cout);
    return 0;
  }
  if (arguments.out.empty()) throw CLI::RequiredError("--out");
  if (!arguments.peers.empty() && !std::filesystem::exists(arguments.peers))
    throw std::invalid_argument(fmt::format("--peers expects a Python program, '{}' is not there", arguments.peers));
  std::filesystem::create_directories(arguments.out);
  RuleResults results = run_rules();
  add_peers(results, arguments);
  const std::filesystem::path folder = arguments.out;
  write_rows_csv(folder / "rows.csv", results.rows);
  write_text(folder / "environment.json", describe_environment().dump(2) + "\n");
  fmt::print("\n{}\n", table_of(results));
  RuleScore ours;
  for (const RuleScore& score : results.scores)
    if (score.rule == "backprove") {
      ours.right += score.right;
      ours.wrong += score.wrong;
      ours.false_alarms += score.false_alarms;
      ours.misses += score.misses;
      ours.undecided += score.undecided;
    }
  fmt::print("{} right cases are inconclusive or vacuous for ours; wrote {}\n", ours.undecided,
             (folder / "rows.csv").string());
  fmt::print("rules: ours {} false alarms of {}, {} misses of {}\n", ours.false_alarms, ours.right, ours.misses,
             ours.wrong);
  return ours.false_alarms + ours.misses > 0 ? 1 : 0;
}

}  // namespace

void add_rules(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("rules", "our judgement beside the published rules of other checkers, on one set of cases");
  auto arguments = std::make_shared<RulesArguments>();
  CLI::Option* out = command->add_option("--out", arguments->out, "folder for rows.csv and environment.json")
                         ->check(text_of("a folder"));
  CLI::Option* peers = command
                           ->add_option("--peers", arguments->peers,
                                        "a Python that has PyTorch and JAX; without this, that of scripts/setup "
                                        "--peers where it is installed")
                           ->check(text_of("a Python program"));
  command->add_flag("--no-peers", arguments->no_peers, "leave the real PyTorch and JAX out")->excludes(peers);
  command
      ->add_flag("--serve", arguments->serve,
                 "answer questions about the cases on standard input (verify/peers/README.md)")
      ->excludes(out)
      ->excludes(peers);
  command->footer(
      "Every rule judges the same right and wrong gradients, in float and in double. The rules of other projects are "
      "written from their\ndocumentation, with their default tolerances; those with a version in their name are the "
      "real ones, called with their\ndefaults.\nExit status: 0 ours makes no mistake, 1 it does, 2 bad usage.\n"
      "Example: backprove rules --out out/rules");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace backprove
