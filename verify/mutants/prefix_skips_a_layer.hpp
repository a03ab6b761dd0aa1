#pragma once

#include "core/dense_chain.hpp"
#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct PrefixSkipsALayer : StrategyMutant {
  static constexpr std::string_view name = "prefix_skips_a_layer";
  static constexpr std::string_view what = "one layer's factor is not multiplied into the prefix of the chain";
  static constexpr std::string_view replaces = "jacobian_prefix";
  static bool applies_to_network(const Network& network) { return layer_of_kept_width(network) > 0; }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          Matrix<T> product;
          for (Index l = network.size() - 1; l >= 0; --l) {
            if (network.parameters(l) > 0)
              chain.parameter_block(product, l, s, view(blocks[static_cast<std::size_t>(l)]));
            if (l != layer_of_kept_width(network)) product = chain.extend(product, l, s);
          }
          if (by_input.size() > 0) by_input = std::move(product);
        });
  }
};

}  // namespace backprove::mutants
