#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "core/engine.hpp"
#include "core/io/file.hpp"
#include "core/io/npy.hpp"
#include "core/kernels/balls/kernel.hpp"
#include "core/kernels/kernel.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"
#include "verify/program/files.hpp"

namespace backprove {

namespace {

struct GradientArguments {
  ProblemArguments problem;
  std::string strategy = "reverse_vjp", scalar = "double", kernel = "plain", enclosure = "auto", params, inputs,
              targets, out;
  int threads = 1;
  Index batch = 4, snapshots = 0;
  double step_factor = 1;
  bool per_sample = false;
};

void write_numbers(const std::filesystem::path& path, const std::vector<double>& numbers,
                   const std::vector<Index>& shape, bool single) {
  if (single)
    write_npy(path, std::vector<float>(numbers.begin(), numbers.end()), shape);
  else
    write_npy(path, numbers, shape);
}

/// loss.npy, gradient.npy and input_gradient.npy; for scalars wider than double also every number in full as text.
void write_outcome(const std::filesystem::path& out, const Outcome& outcome, const Network& network, Index batch,
                   bool single, bool wide) {
  std::filesystem::create_directories(out);
  const Index parameters = outcome.parameters, n = network.inputs();
  std::vector<double> theta_bar(static_cast<std::size_t>(parameters)), x_bar(static_cast<std::size_t>(n * batch));
  for (Index i = 0; i < parameters; ++i) theta_bar[static_cast<std::size_t>(i)] = outcome.gradient.as_double(i);
  for (Index i = 0; i < n * batch; ++i) x_bar[static_cast<std::size_t>(i)] = outcome.gradient.as_double(parameters + i);
  write_numbers(out / "loss.npy", {outcome.loss.as_double(0)}, {}, single);
  write_numbers(out / "gradient.npy", theta_bar, {parameters}, single);
  write_numbers(out / "input_gradient.npy", x_bar, {batch, n}, single);
  if (!wide) return;
  const auto lines = [&](Index begin, Index count) {
    std::string text;
    for (Index i = begin; i < begin + count; ++i) text += outcome.text[static_cast<std::size_t>(i)] + "\n";
    return text;
  };
  write_text(out / "loss.txt", lines(0, 1));
  write_text(out / "gradient.txt", lines(1, parameters));
  write_text(out / "input_gradient.txt", lines(1 + parameters, n * batch));
}

Options options_of(const GradientArguments& arguments) {
  Options options;
  options.threads = arguments.threads;
  options.snapshots = arguments.snapshots;
  options.kernel = kernel_named(arguments.kernel);
  choose_enclosure(arguments.enclosure);
  options.step_factor = arguments.step_factor;
  return options;
}

/// The data from the three files, or made ones; these only if they do not exceed the limit on memory.
Data data_of(const GradientArguments& arguments, const Network& network, const Loss& loss) {
  const int files = !arguments.params.empty() + !arguments.inputs.empty() + !arguments.targets.empty();
  if (files != 0 && files != 3)
    throw std::invalid_argument("--params, --inputs and --targets go together: give all three or none");
  const Recipe recipe = arguments.problem.recipe({arguments.scalar}, arguments.batch);
  if (files == 3)
    return read_data(arguments.params, arguments.inputs, arguments.targets, network, loss, recipe.precision);
  const std::string limit =
      beyond(arguments.problem.limits(), {0, data_numbers(network, loss, recipe.batch)}, sizeof(double));
  if (!limit.empty()) throw std::invalid_argument(fmt::format("the data of this network {}; raise --memory", limit));
  return make_data(network, loss, recipe);
}

/// per_sample_gradient.npy: the parameter gradient of every sample's own loss, samples x parameters. Their sum (divided
/// by the samples for --reduction mean) is the gradient of the batch.
void write_per_sample(const GradientArguments& arguments, const Network& network, const Loss& loss,
                      const Engine& engine, const Data& data, const Options& options, bool single) {
  const Index batch = data.x.cols(), count = network.parameters();
  const std::string limit =
      beyond(arguments.problem.limits(), {0, static_cast<double>(batch) * static_cast<double>(count)}, sizeof(double));
  if (!limit.empty()) throw std::invalid_argument(fmt::format("--per-sample {}; raise --memory", limit));
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(batch * count));
  for (Index s = 0; s < batch; ++s) {
    const In<double> x(data.x.data() + s * data.x.rows(), data.x.rows(), 1);
    const In<double> y(data.y.data() + s * data.y.rows(), data.y.rows(), 1);
    const Outcome outcome = engine.run(arguments.strategy, {network, loss, view(data.theta), x, y, options});
    for (Index k = 0; k < count; ++k) all.push_back(outcome.gradient.as_double(k));
  }
  write_numbers(std::filesystem::path(arguments.out) / "per_sample_gradient.npy", all, {batch, count}, single);
  fmt::print("wrote per_sample_gradient.npy ({} x {})\n", batch, count);
}

/// Returns the number of entries that are not finite.
Index run(const GradientArguments& arguments) {
  const Network network = Network::parse(arguments.problem.network);
  const Loss loss = Loss::named(arguments.problem.loss, arguments.problem.parsed_reduction());
  const Engine& engine = engine_named(arguments.scalar);
  if (!engine.listed())
    throw std::invalid_argument(
        fmt::format("scalar '{}' only serves others; see backprove list scalars", arguments.scalar));
  const StrategyInfo& strategy = strategy_named(arguments.strategy);
  set_digits(arguments.problem.digits, {arguments.scalar});
  const Data data = data_of(arguments, network, loss);
  loss.check(view(data.y), network.outputs(), data.x.cols());
  const Options options = options_of(arguments);
  const std::string unsupported = engine.unsupported(strategy.name, network, loss);
  if (!unsupported.empty())
    throw std::invalid_argument(fmt::format("{} cannot serve this: {}", strategy.name, unsupported));
  const Cost cost = strategy.predict({network, data.x.cols(), true, options.threads});
  const std::string limit = beyond(arguments.problem.limits(), cost, engine.bytes());
  if (!limit.empty())
    throw std::invalid_argument(
        fmt::format("{} in {} {}; raise --memory or --operations", strategy.name, engine.name(), limit));
  const bool single = arguments.scalar == "float", wide = !single && arguments.scalar != "double";
  const Outcome outcome =
      engine.run(strategy.name, {network, loss, view(data.theta), view(data.x), view(data.y), options, wide});
  write_outcome(arguments.out, outcome, network, data.x.cols(), single, wide);
  Index nonfinite = 0;
  for (Index i = 0; i < outcome.gradient.size(); ++i) nonfinite += std::isfinite(outcome.gradient.as_double(i)) ? 0 : 1;
  fmt::print("loss {:.17g}; wrote loss.npy, gradient.npy ({}), input_gradient.npy ({} x {}) in {:.3g} s to {}\n",
             outcome.loss.as_double(0), outcome.parameters, data.x.cols(), network.inputs(), outcome.seconds,
             arguments.out);
  if (arguments.per_sample) write_per_sample(arguments, network, loss, engine, data, options, single);
  if (nonfinite > 0) fmt::print("{} of {} entries are not finite\n", nonfinite, outcome.gradient.size());
  return nonfinite;
}

}  // namespace

void add_gradient(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("gradient", "one gradient by one strategy, as .npy files");
  auto arguments = std::make_shared<GradientArguments>();
  command
      ->add_option("--network", arguments->problem.network, "network text, e.g. \"affine(64,32) tanh affine(32,10)\"")
      ->required();
  arguments->problem.add_to(*command);
  command->add_option("--batch", arguments->batch, "samples of made data")
      ->check(whole(1, most_samples))
      ->capture_default_str();
  command->add_option("--strategy", arguments->strategy, "a strategy of `backprove list strategies`")
      ->capture_default_str();
  command->add_option("--scalar", arguments->scalar, "a scalar of `backprove list scalars`")->capture_default_str();
  command->add_option("--threads", arguments->threads, "threads of the strategy")
      ->check(whole(1, most_threads))
      ->capture_default_str();
  add_kernel(*command, arguments->kernel);
  add_enclosure(*command, arguments->enclosure);
  command->add_option("--snapshots", arguments->snapshots, "of reverse_checkpointed; 0 chooses")
      ->check(whole(0, 1000000))
      ->capture_default_str();
  command->add_option("--step-factor", arguments->step_factor, "multiplies the step of differences")
      ->check(positive())
      ->capture_default_str();
  command->add_option("--params", arguments->params, ".npy, flat, in the network's parameter order");
  command->add_option("--inputs", arguments->inputs, ".npy, samples x features");
  command->add_option("--targets", arguments->targets, ".npy, class indices or samples x outputs");
  command->add_flag(
      "--per-sample", arguments->per_sample,
      "also write per_sample_gradient.npy, samples x parameters: each sample's own gradient, not reduced");
  command->add_option("--out", arguments->out, "folder for loss.npy, gradient.npy, input_gradient.npy")
      ->check(text_of("a folder"))
      ->required();
  command->footer(
      "Parameters, layer by layer: affine weight as n_out rows of n_in, then bias; layer_norm gain, then "
      "shift.\nExample: backprove gradient --network \"affine(64,32) tanh affine(32,10)\" --data digits --batch 8 "
      "--out out/gradient");
  command->callback([arguments, &status] { status = run(*arguments) > 0 ? 1 : 0; });
}

}  // namespace backprove
