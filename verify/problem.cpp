#include "verify/problem.hpp"

#include <fmt/format.h>

namespace backprove {

SpecifiedProblem::SpecifiedProblem(ProblemSpec of)
    : from(std::move(of)), net(Network::parse(from.network)), kind(Loss::named(from.loss, from.reduction)) {
  check_recipe(net, from.recipe);
}

double SpecifiedProblem::data_bytes() const { return data_numbers(net, kind, from.recipe.batch) * sizeof(double); }

void SpecifiedProblem::make(const std::function<void(const std::string&)>& say) {
  numbers = make_data(net, kind, from.recipe);
  if (from.train == 0) return;
  Training how;
  how.steps = from.train;
  how.seed = from.recipe.seed;
  Recipe all = from.recipe;
  all.batch = all.source == "digits" ? 1797 : std::max<Index>(from.recipe.batch, 256);
  const Data training = make_data(net, kind, all);
  reached = train(net, kind, how, view(training.x), view(training.y), numbers.theta, [&](Index step, double loss) {
    say(fmt::format("training step {} of {}: loss of the batch {:.4f}", step, how.steps, loss));
  });
  stayed_finite = numbers.theta.allFinite();
  if (stayed_finite) round_to(from.recipe.precision, numbers.theta);
  say(fmt::format("trained {} steps: loss {:.4f}, accuracy {:.1f} % on all {} samples", how.steps, reached.loss,
                  100 * reached.accuracy, training.x.cols()));
}

Cell SpecifiedProblem::cell() const {
  Cell cell;
  cell.network = net.text();
  cell.depth = net.depth();
  for (Index l = 1; l < net.size(); ++l) cell.width = std::max(cell.width, net.width(l));
  if (net.size() == 1) cell.width = net.max_width();
  cell.batch = from.recipe.batch;
  cell.loss = kind.name();
  cell.data = from.recipe.source;
  cell.seed = from.recipe.seed;
  cell.kernel = "plain";
  cell.options["reduction"] = kind.reduction == Reduction::mean ? "mean" : "sum";
  cell.options["initialisation"] = from.recipe.initialisation;
  cell.options["gain"] = fmt::format("{}", from.recipe.gain);
  cell.options["data_precision"] = from.recipe.precision == Precision::single ? "float" : "double";
  if (from.train > 0) cell.options["train"] = std::to_string(from.train);
  return cell;
}

std::vector<Block> blocks_of(const Network& network, Index batch, bool input_gradient) {
  std::vector<Block> blocks;
  for (Index l = 0; l < network.size(); ++l)
    if (network.parameters(l) > 0)
      blocks.push_back({fmt::format("parameters of layer {}", l + 1), network.offset(l), network.parameters(l)});
  if (input_gradient) blocks.push_back({"inputs", network.parameters(), network.inputs() * batch});
  return blocks;
}

}  // namespace backprove
