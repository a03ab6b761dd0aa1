#include "verify/kinks.hpp"

#include "verify/layer_tree.hpp"

namespace backprove {

namespace {

Index sum(const std::vector<LayerTree<Index>>& trees) {
  Index total = 0;
  for (const LayerTree<Index>& tree : trees) total += tree.own + sum(tree.inside);
  return total;
}

}  // namespace

std::optional<Index> inputs_on_kinks(const Problem<double>& problem) {
  const Network& network = problem.network;
  if (!has_kink(network)) return std::nullopt;
  Vector<double> workspace(network.workspace() * problem.batch());
  const NetworkTape<double> tape = network.tape(At<double>{problem.theta, problem.x, problem.x, view(workspace)});
  tape.forward();
  return sum(at_kinks<Index>(network, tape, [](const auto& at) { return (at.array() == 0).count(); }));
}

}  // namespace backprove
