#include "bench/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/pinning.hpp"
#include "bench/program/commands.hpp"
#include "core/io/file.hpp"
#include "core/record/csv.hpp"
#include "core/record/environment.hpp"
#include "verify/program/arguments.hpp"
#include "verify/progress.hpp"

namespace backprove {

namespace {

struct LimitsArguments {
  std::vector<std::string> scalars = {"float", "double"}, shapes = {"32x32x32", "128x128x32", "512x512x32"}, libraries;
  std::vector<int> threads = {1};
  Index rounds = 50;
  bool quick = false, quiet = false;
  std::string out;
};

void run_limits(const LimitsArguments& arguments, int& status) {
  LimitsPlan plan;
  plan.scalars = arguments.scalars;
  for (const std::string& scalar : plan.scalars)
    if (scalar != "float" && scalar != "double")
      throw std::invalid_argument(fmt::format("--scalar: expected float or double, got '{}'", scalar));
  plan.threads = arguments.threads;
  for (const std::string& shape : arguments.shapes) plan.shapes.push_back(shape_named(shape));
  for (const std::string& name : arguments.libraries) plan.libraries.push_back(&product_library_named(name));
  if (plan.libraries.empty())
    for (const ProductLibrary& library : product_libraries()) plan.libraries.push_back(&library);
  plan.sampling = {arguments.quick ? std::min<Index>(arguments.rounds, 15) : arguments.rounds, 60};
  const std::filesystem::path out = arguments.out;
  pin_threads();
  if (!out.empty()) std::filesystem::create_directories(out);
  Progress progress(1, arguments.quiet, "parts");
  const std::vector<Row> rows = measure_limits(plan, [&](const std::string& line) { progress.now(line); });
  progress.done("limits");
  fmt::print("{}", limits_table(rows));
  if (std::ranges::any_of(rows, [](const Row& row) { return row.status == Status::failed; })) status = 1;
  if (out.empty()) return;
  write_rows_csv(out / "rows.csv", rows);
  write_text(out / "environment.json", describe_environment().dump(2) + "\n");
  fmt::print("\n{} rows; wrote {}\n", rows.size(), (out / "rows.csv").string());
}

}  // namespace

void add_limits(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("limits", "what this machine can do at most: arithmetic, memory, products");
  auto arguments = std::make_shared<LimitsArguments>();
  command->add_option("--scalar", arguments->scalars, "of peaks and products: float, double")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "e.g. 1,2")
      ->check(whole(1, most_threads))
      ->delimiter(',')
      ->capture_default_str();
  command
      ->add_option("--shape", arguments->shapes, "products C (m x n) = A (m x k) B (k x n), as MxKxN; MxKxNt for A B^T")
      ->delimiter(',')
      ->capture_default_str();
  std::string names;
  for (const ProductLibrary& library : product_libraries())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", library.name);
  command->add_option("--library", arguments->libraries, "products by these alone: " + names)->delimiter(',');
  command->add_option("--rounds", arguments->rounds, "samples of everything")
      ->check(whole(1, 1000000))
      ->capture_default_str();
  command->add_flag("--quick", arguments->quick, "at most 15 samples");
  command->add_flag("--quiet", arguments->quiet, "no progress lines");
  command->add_option("--out", arguments->out, "folder for rows.csv and environment.json");
  command->footer(
      "Peaks are loops of multiplications and additions in vector registers, one for every instruction set that this\n"
      "processor has. Bandwidths count the bytes of a = b + s c in arrays that fill half of a cache. Products are "
      "those\n"
      "of every library that is installed (scripts/setup --kernels) and passes its own check in this process: several\n"
      "shapes within the rounding bound. One that does not is not used, and a row says why. BACKPROVE_OPENBLAS and\n"
      "BACKPROVE_BLIS may name other files to load. Everything is sampled in random order; the figures come from the\n"
      "tenth percentile of the times. Exit status: 0, 1 if a library is wrong, 2 for bad usage.\n"
      "Example: backprove limits --threads 1,2 --shape 512x512x32 --out out/limits");
  command->callback([arguments, &status] { run_limits(*arguments, status); });
}

}  // namespace backprove
