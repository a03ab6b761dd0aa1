#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/engine.hpp"
#include "core/io/file.hpp"
#include "core/kernels/balls/kernel.hpp"
#include "verify/certificate.hpp"
#include "verify/check/foreign.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/program/files.hpp"
#include "verify/progress.hpp"

namespace backprove {

namespace {

struct CheckArguments {
  std::string network, loss = "softmax_cross_entropy", reduction = "mean", scalar = "float", enclosure = "auto";
  std::string params, inputs, targets, gradient, input_gradient, json;
  double resolution = 0;  ///< 0: the scalar's default
  double memory = 4, operations = 1e12;
  int threads = 0;
  bool quiet = false;
};

double default_resolution(std::string_view scalar) { return scalar == "bfloat16" ? 0.5 : 0.01; }

/// bfloat16 numbers come in float32 files: the lower half of their bits is zero.
void require_bfloat16(const double* numbers, Index count, std::string_view name) {
  for (Index i = 0; i < count; ++i) {
    const auto single = static_cast<float>(numbers[i]);
    const bool same = std::isnan(numbers[i]) || (static_cast<double>(single) == numbers[i] &&
                                                 (std::bit_cast<std::uint32_t>(single) & 0xffffu) == 0);
    if (!same)
      throw std::invalid_argument(fmt::format(
          "{} expects bfloat16 values, got {:.9g} at index {}; round before saving, or give the scalar that "
          "the program computed in",
          name, numbers[i], i));
  }
}

/// A gradient of whole numbers, or of true and false, is another array.
NpyArray read_floating(const std::string& file, std::string_view name) {
  NpyArray array = read_npy(file);
  if (array.kind != NpyArray::Kind::floating)
    throw std::invalid_argument(fmt::format("{} expects float32 or float64 numbers, got integers or bool", name));
  return array;
}

Vector<double> read_gradient(const std::string& file, const Network& network) {
  const NpyArray array = read_floating(file, "--gradient");
  if (array.shape.size() != 1 || array.shape[0] != network.parameters())
    throw std::invalid_argument(
        fmt::format("--gradient expects {} numbers in one dimension, in the network's parameter order, got shape {}",
                    network.parameters(), array.shape_text()));
  return Eigen::Map<const Vector<double>>(array.values.data(), network.parameters());
}

Matrix<double> read_input_gradient(const std::string& file, const Network& network, Index batch) {
  const NpyArray array = read_floating(file, "--input-gradient");
  if (array.shape.size() != 2 || array.shape[0] != batch || array.shape[1] != network.inputs())
    throw std::invalid_argument(fmt::format("--input-gradient expects {} samples x {} features, got shape {}", batch,
                                            network.inputs(), array.shape_text()));
  return Eigen::Map<const Matrix<double>>(array.values.data(), network.inputs(), batch);
}

/// What a block that passes does not say of its smallest rows and columns.
std::string coarse(const BlockVerdict& block) {
  const auto part = [](Index count, Index all, std::string_view name) {
    return count > 0 && all > 1 ? fmt::format("; {} of {} {} only more coarsely", count, all, name) : std::string();
  };
  return part(block.coarse_rows, block.rows, "rows") + part(block.coarse_columns, block.columns, "columns");
}

std::string line_of(const BlockVerdict& block) {
  std::string text = fmt::format("{:<18}{:<40}", name_of(block.finding), block.name);
  switch (block.finding) {
    case Finding::vacuous:
      return text + "the exact gradient is zero: nothing could have been seen";
    case Finding::inconclusive:
      if (block.reason.starts_with("domain")) return text + block.reason;
      return text + fmt::format("{}: resolves {:.2g} of its largest entry", block.reason, block.resolution);
    default:
      break;
  }
  text += fmt::format("{:.3g} times the bar, {:.3g} ulp; resolves {:.2g}", block.error_over_bar, block.ulps,
                      block.resolution);
  if (!is_failure(block.finding)) return text + coarse(block);
  text += fmt::format("\n{:18}entry ({}, {}): got {:.9g}, exact {:.9g}; {}", "", block.row, block.column, block.got,
                      block.exact, block.certified ? "beyond the certified bound too" : "beyond the statistical bar");
  if (!block.hint.empty()) text += "; pattern: " + block.hint;
  return text;
}

std::string_view overall(int status) { return status == 0 ? "RIGHT" : status == 1 ? "WRONG" : "INCONCLUSIVE"; }

/// JSON has no infinity: null.
nlohmann::json number(double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(); }

nlohmann::json document(const CheckArguments& arguments, const ForeignVerdict& verdict, double resolution) {
  nlohmann::json blocks = nlohmann::json::array();
  for (const BlockVerdict& block : verdict.blocks)
    blocks.push_back(
        {{"block", block.name},
         {"verdict", name_of(block.finding)},
         {"reason", block.reason},
         {"entries", block.entries()},
         {"worst",
          {{"row", block.row}, {"column", block.column}, {"got", number(block.got)}, {"exact", number(block.exact)}}},
         {"error_over_bar", number(block.error_over_bar)},
         {"ulps", number(block.ulps)},
         {"resolution", number(block.resolution)},
         {"rows", block.rows},
         {"columns", block.columns},
         {"coarse_rows", block.coarse_rows},
         {"coarse_columns", block.coarse_columns},
         {"certified_resolution", number(block.certified_resolution)},
         {"beyond_certified_bound", block.certified},
         {"pattern", block.hint}});
  return {{"schema", "backprove-check-1"},
          {"verdict", overall(verdict.exit_status())},
          {"exit_status", verdict.exit_status()},
          {"network", Network::parse(arguments.network).text()},
          {"loss", arguments.loss},
          {"reduction", arguments.reduction},
          {"scalar", arguments.scalar},
          {"resolution_asked", resolution},
          {"statistical",
           {{"runs", verdict.runs}, {"quantile", verdict.quantile}, {"false_alarms_at_most", verdict.false_alarms}}},
          {"undecided_units", verdict.undecided_units},
          {"blocks", std::move(blocks)}};
}

/// Refuses what would take hours, or all memory, before it begins.
double require_within_limits(const CheckArguments& arguments, const Network& network, Index batch) {
  const Limits limits{arguments.memory * 1024 * 1024 * 1024, arguments.operations};
  const Shape shape{network, batch, !arguments.input_gradient.empty(), 1};
  const Cost enclosure = strategy_named("enclosure").predict(shape), run = strategy_named("reverse_vjp").predict(shape);
  const double multiplications = enclosure.multiplications + monte_carlo_runs * run.multiplications;
  const std::string reason =
      beyond(limits, {multiplications, enclosure.scalars, enclosure.scalar_bytes}, engine_named("mpfi").bytes());
  if (!reason.empty())
    throw std::invalid_argument("this check " + reason + "; raise --operations or --memory, or check fewer samples");
  return multiplications;
}

int run(const CheckArguments& arguments) {
  choose_enclosure(arguments.enclosure);
  const Network network = Network::parse(arguments.network);
  const Loss loss = Loss::named(arguments.loss, reduction_named(arguments.reduction));
  const ForeignArithmetic& arithmetic = foreign_arithmetic(arguments.scalar);
  const Precision precision = arguments.scalar == "double" ? Precision::full : Precision::single;
  const Data data = read_data(arguments.params, arguments.inputs, arguments.targets, network, loss, precision);
  const Index batch = data.x.cols();
  loss.check(view(data.y), network.outputs(), batch);
  ForeignGradient gradient{read_gradient(arguments.gradient, network), {}};
  if (!arguments.input_gradient.empty()) gradient.input = read_input_gradient(arguments.input_gradient, network, batch);
  if (arguments.scalar == "bfloat16") {
    require_bfloat16(data.theta.data(), data.theta.size(), "--params");
    require_bfloat16(data.x.data(), data.x.size(), "--inputs");
    require_bfloat16(gradient.parameters.data(), gradient.parameters.size(), "--gradient");
    require_bfloat16(gradient.input.data(), gradient.input.size(), "--input-gradient");
  }
  const double resolution = arguments.resolution > 0 ? arguments.resolution : default_resolution(arguments.scalar);
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const Problem<double> problem{network, loss, view(data.theta), view(data.x), view(data.y)};
  if (batch == 1)
    fmt::print(stderr, "warning: one sample: sums over the batch cannot be seen; check with at least two\n");
  // A check of a second or less needs no progress line.
  const bool quiet = require_within_limits(arguments, network, batch) < 3e7 || arguments.quiet;
  ForeignVerdict verdict;
  {
    Progress progress(monte_carlo_runs + 1, quiet, "runs");
    verdict = judge_foreign(problem, gradient, arithmetic, resolution,
                            arguments.threads > 0 ? arguments.threads : cores, [&] { progress.done("reverse mode"); });
  }
  for (const BlockVerdict& block : verdict.blocks) fmt::print("{}\n", line_of(block));
  if (verdict.undecided_units > 0)
    fmt::print("{} inputs of layers with a kink cannot be told from 0 in {}: either branch is accepted there\n",
               verdict.undecided_units, arithmetic.name);
  fmt::print(
      "statistical bars: {} runs of Monte Carlo arithmetic, quantile {:.3g}; at most {:g} false alarms over all "
      "entries, under its model of rounding\n",
      verdict.runs, verdict.quantile, verdict.false_alarms);
  fmt::print("check: {}\n", overall(verdict.exit_status()));
  if (!arguments.json.empty()) write_text(arguments.json, document(arguments, verdict, resolution).dump(2) + "\n");
  return verdict.exit_status();
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("check", "a gradient that another program computed: is it right?");
  auto arguments = std::make_shared<CheckArguments>();
  const auto file = [&](const char* name, std::string& where, const char* what) {
    return command->add_option(name, where, what)->check(text_of("a file"));
  };
  command->add_option("--network", arguments->network, "network text, e.g. \"affine(64,32) tanh affine(32,10)\"")
      ->required();
  command->add_option("--loss", arguments->loss, "a loss of `backprove list losses`")->capture_default_str();
  command->add_option("--reduction", arguments->reduction, "mean or sum over the samples")->capture_default_str();
  file("--params", arguments->params, ".npy, flat, in the network's parameter order")->required();
  file("--inputs", arguments->inputs, ".npy, samples x features")->required();
  file("--targets", arguments->targets, ".npy, class indices or samples x outputs")->required();
  file("--gradient", arguments->gradient, ".npy, flat: the gradient to check")->required();
  file("--input-gradient", arguments->input_gradient, ".npy, samples x features: checked too");
  command->add_option("--scalar", arguments->scalar, "the arithmetic it was computed in: float, double or bfloat16")
      ->capture_default_str();
  command
      ->add_option("--resolution", arguments->resolution,
                   "error to exclude, relative to a block's largest entry (default 0.01; 0.5 for bfloat16)")
      ->check(positive());
  command->add_option("--threads", arguments->threads, "threads; 0 uses all cores")
      ->check(whole(0, most_threads))
      ->capture_default_str();
  add_enclosure(*command, arguments->enclosure);
  command->add_option("--memory", arguments->memory, "limit on the memory, GiB")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--operations", arguments->operations, "limit on the predicted multiplications")
      ->check(positive())
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "no progress lines");
  file("--json", arguments->json, "also write the verdict as JSON to this file");
  command->footer(
      "Parameters, layer by layer: affine weight as n_out rows of n_in, then bias (PyTorch's parameters_to_vector); "
      "layer_norm gain, then\nshift. Every block is compared with intervals that contain the exact gradient. Its bar "
      "covers any correct program in that\narithmetic: any order of summation, elementary functions within 4 ulp. "
      "Raising --resolution never turns a failure into a pass.\nExit status: 0 right, 1 wrong, 2 bad usage or input, 3 "
      "inconclusive or nothing but zeros.\nExample: backprove check --network \"affine(4,8) tanh affine(8,3)\" "
      "--params "
      "p.npy --inputs x.npy --targets t.npy --gradient g.npy");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace backprove
