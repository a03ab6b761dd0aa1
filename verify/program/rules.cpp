#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/rules/suite.hpp"

namespace backprove {

void add_rules(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("rules", "our judgement beside the published rules of other checkers, on one set of cases");
  auto out = std::make_shared<std::string>();
  command->add_option("--out", *out, "folder for rows.csv and environment.json")
      ->check(text_of("a folder"))
      ->required();
  command->footer(
      "Every rule judges the same right and wrong gradients, in float and in double. The rules of other projects are "
      "written from their\ndocumentation, with their default tolerances.\nExit status: 0 ours makes no mistake, 1 it "
      "does, 2 bad usage.\nExample: backprove rules --out out/rules");
  command->callback([out, &status] {
    std::filesystem::create_directories(*out);
    const RuleResults results = run_rules();
    const std::filesystem::path folder = *out;
    write_rows_csv(folder / "rows.csv", results.rows);
    write_text(folder / "environment.json", describe_environment().dump(2) + "\n");
    fmt::print("{}\n", table_of(results));
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
    status = ours.false_alarms + ours.misses > 0 ? 1 : 0;
  });
}

}  // namespace backprove
