#pragma once

#include "core/dense_chain.hpp"

namespace backprove {

/// Algorithm 1 with the prefix of the chain reused: the dense n_L x n_l chain is extended layer by layer from the
/// output side, and every parameter factor is multiplied once.
struct JacobianPrefix {
  static constexpr std::string_view name = "jacobian_prefix";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const auto c = static_cast<double>(shape.network.outputs());
    return {c * (reverse_multiplications(shape) + static_cast<double>(shape.network.parameters() * shape.batch)),
            dense_scalars(shape)};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          const bool want_input = by_input.size() > 0;
          const Index first = want_input ? 0 : network.first_parameters();
          Matrix<T> product;
          for (Index l = network.size() - 1; l >= first; --l) {
            if (network.parameters(l) > 0)
              chain.parameter_block(product, l, s, view(blocks[static_cast<std::size_t>(l)]));
            if (l > first || want_input) product = chain.extend(product, l, s);
          }
          if (want_input) by_input = std::move(product);
        });
  }
};

}  // namespace backprove
