#pragma once

#include "core/dense_chain.hpp"

namespace backprove {

/// Algorithm 1 of arXiv 2301.09977 as printed: for every l the chain W_L^T J f_{L-1} ... J f_l is built anew from the
/// output side and multiplied by the parameter factor [I (x) a^T | I]; the whole n_L x P Jacobian is stored, then
/// multiplied by g. Vec stacks the columns of the paper's n_in x n_out weight: the order in which parameters are
/// stored.
struct JacobianLiteral {
  static constexpr std::string_view name = "jacobian_literal";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return {multiplications(shape), dense_scalars(shape)}; }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          for (Index l = 0; l < network.size(); ++l)
            if (network.parameters(l) > 0)
              chain.parameter_block(rebuild(network, chain, l, s), l, s, view(blocks[static_cast<std::size_t>(l)]));
          if (by_input.size() > 0) by_input = rebuild(network, chain, -1, s);
        });
  }

  /// The chain above layer l (transposed), from the output side.
  template <class T>
  static Matrix<T> rebuild(const Network& network, const DenseChain<T>& chain, Index l, Index s) {
    Matrix<T> product;
    for (Index k = network.size() - 1; k > l; --k) product = chain.extend(product, k, s);
    return product;
  }
  /// Chains, structured parameter factors, and the product with g.
  static double multiplications(const Shape& shape) {
    const Network& network = shape.network;
    double sum = static_cast<double>(network.parameters()), above = 0;
    for (Index l = network.size() - 1; l >= 0; --l) {
      if (network.parameters(l) > 0) sum += above + (l == network.size() - 1 ? 0 : network.multiplications(l));
      if (l < network.size() - 1) above += network.multiplications(l);
    }
    if (shape.input_gradient) sum += above;
    return sum * static_cast<double>(network.outputs()) * static_cast<double>(shape.batch);
  }
};

}  // namespace backprove
