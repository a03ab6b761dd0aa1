#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct CheckpointOneLayerOff : StrategyMutant {
  static constexpr std::string_view name = "checkpoint_one_layer_off";
  static constexpr std::string_view what = "what enters a layer is restored from the snapshot of the layer below";
  static constexpr std::string_view replaces = "reverse_checkpointed";
  static bool applies_to_network(const Network& network) { return layer_of_kept_width(network) > 0; }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options&) {
    return [problem](Gradient<T>& gradient) {
      const Network& network = problem.network;
      const Index below = layer_of_kept_width(network);
      Vector<T> kept = tape_of(problem, gradient.loss), restored = kept;
      const auto tape_on = [&](Vector<T>& memory) {
        return network.tape(At<T>{problem.theta, problem.x, problem.x, view(memory)});
      };
      const NetworkTape<T> tape = tape_on(kept), again = tape_on(restored);
      again.input(below + 1) = tape.input(below);
      again.forward(below + 1, network.size());
      Matrix<T> y_bar(network.outputs(), problem.batch());
      problem.loss.template gradient<T>(tape.output(), problem.y, problem.batch(), view(y_bar));
      gradient.parameters.setZero();
      for (Index l = network.size() - 1; l >= 0; --l) {
        Matrix<T> x_bar(network.width(l), problem.batch());
        (l > below ? again : tape).vjp(l, view(std::as_const(y_bar)), view(x_bar), view(gradient.parameters));
        y_bar = std::move(x_bar);
      }
      if (gradient.input.size() > 0) gradient.input = y_bar;
    };
  }
};

}  // namespace backprove::mutants
