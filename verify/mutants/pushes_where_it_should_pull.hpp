#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct PushesWhereItShouldPull : StrategyMutant {
  static constexpr std::string_view name = "pushes_where_it_should_pull";
  static constexpr std::string_view what = "a square Jacobian is multiplied by the cotangent in place of its transpose";
  static constexpr std::string_view replaces = "jacobian_structured";
  static bool applies_to_network(const Network& network) { return widths_are_equal(network); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options&) {
    return [problem](Gradient<T>& gradient) {
      const Network& network = problem.network;
      Vector<T> workspace = tape_of(problem, gradient.loss);
      const NetworkTape<T> tape = network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)});
      Matrix<T> g(network.outputs(), problem.batch());
      problem.loss.template gradient<T>(tape.output(), problem.y, problem.batch(), view(g));
      gradient.parameters.setZero();
      for (Index l = network.size() - 1; l >= 0; --l) {
        tape.d_params(l).pullback_sum(view(std::as_const(g)),
                                      {gradient.parameters.data() + network.offset(l), network.parameters(l)});
        Matrix<T> below(network.width(l), problem.batch());
        tape.d_input(l).pushforward(view(std::as_const(g)), view(below), Samples::own());
        g = std::move(below);
      }
      if (gradient.input.size() > 0) gradient.input = g;
    };
  }
};

}  // namespace backprove::mutants
