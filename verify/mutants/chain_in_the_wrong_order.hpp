#pragma once

#include "core/dense_chain.hpp"
#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ChainInTheWrongOrder : StrategyMutant {
  static constexpr std::string_view name = "chain_in_the_wrong_order";
  static constexpr std::string_view what = "the chain above a layer is multiplied from the bottom up";
  static constexpr std::string_view replaces = "jacobian_prefix";
  static bool applies_to_network(const Network& network) { return widths_are_equal(network); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          const auto above = [&](Index l) {
            Matrix<T> product;
            for (Index k = l + 1; k < network.size(); ++k) product = chain.extend(product, k, s);
            return product;
          };
          for (Index l = 0; l < network.size(); ++l)
            if (network.parameters(l) > 0)
              chain.parameter_block(above(l), l, s, view(blocks[static_cast<std::size_t>(l)]));
          if (by_input.size() > 0) by_input = above(-1);
        });
  }
};

}  // namespace backprove::mutants
