#pragma once

#include "core/strategies/forward_mode.hpp"
#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct LastTangentBlockLost : StrategyMutant {
  static constexpr std::string_view name = "last_tangent_block_lost";
  static constexpr std::string_view what = "a layer's parameters after the last full block of four get no tangents";
  static constexpr std::string_view replaces = "forward_mode";

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [problem, right = ForwardMode::prepare<T>(problem, options)](Gradient<T>& gradient) {
      right(gradient);
      const Network& network = problem.network;
      for (Index l = 0; l < network.size(); ++l)
        gradient.parameters.segment(network.offset(l), network.parameters(l))
            .tail(network.parameters(l) % ForwardMode::block)
            .setZero();
    };
  }
};

}  // namespace backprove::mutants
