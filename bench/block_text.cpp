#include "bench/block_text.hpp"

#include <nlohmann/json.hpp>

#include "core/kernels/kernel.hpp"
#include "core/scalars/wide_digits.hpp"

namespace backprove {

namespace {

using nlohmann::json;

json to_json(const ProblemSpec& spec) {
  const Recipe& recipe = spec.recipe;
  return {{"network", spec.network},
          {"loss", spec.loss},
          {"mean", spec.reduction == Reduction::mean},
          {"train", spec.train},
          {"source", recipe.source},
          {"initialisation", recipe.initialisation},
          {"gain", recipe.gain},
          {"batch", recipe.batch},
          {"seed", recipe.seed},
          {"single", recipe.precision == Precision::single},
          {"digits_file", recipe.digits_file}};
}

ProblemSpec problem_from_json(const json& from) {
  const Recipe recipe{from.at("source"),     from.at("initialisation"),
                      from.at("gain"),       from.at("batch"),
                      from.at("seed"),       from.at("single") ? Precision::single : Precision::full,
                      from.at("digits_file")};
  return {from.at("network"), from.at("loss"), from.at("mean") ? Reduction::mean : Reduction::sum, recipe,
          from.at("train")};
}

/// Under valgrind a processor has fewer instructions.
const Kernel* kernel_here(const std::string& name) {
  for (const Kernel& kernel : kernels())
    if (kernel.name == name && !kernel.runs_here()) return kernel_named("auto");
  return kernel_named(name);
}

}  // namespace

json to_json(const BenchBlock& block) {
  json strategies = json::array();
  for (const StrategyInfo* strategy : block.strategies) strategies.push_back(strategy->name);
  return {{"problem", to_json(block.problem->spec())},
          {"scalar", block.engine->name()},
          {"strategies", strategies},
          {"threads", block.threads},
          {"kernel", name_of(block.options.kernel)},
          {"input_gradient", block.options.input_gradient},
          {"snapshots", block.options.snapshots},
          {"bytes", block.limits.bytes},
          {"multiplications", block.limits.multiplications},
          {"rounds", block.plan.rounds},
          {"seconds", block.plan.seconds},
          {"short_rounds", block.plan.short_rounds},
          {"limits", block.compare_with_limits},
          {"digits", wide_digits()}};
}

BenchBlock block_from_json(const json& from) {
  set_wide_digits(from.at("digits"));
  BenchBlock block{std::make_shared<SpecifiedProblem>(problem_from_json(from.at("problem"))),
                   &engine_named(from.at("scalar").get<std::string>()),
                   {},
                   from.at("threads"),
                   {},
                   {from.at("bytes"), from.at("multiplications")},
                   {from.at("rounds"), from.at("seconds"), from.at("short_rounds")}};
  for (const json& name : from.at("strategies")) block.strategies.push_back(&strategy_named(name.get<std::string>()));
  block.options.kernel = kernel_here(from.at("kernel"));
  block.options.input_gradient = from.at("input_gradient");
  block.options.snapshots = from.at("snapshots");
  block.compare_with_limits = from.at("limits");
  return block;
}

}  // namespace backprove
