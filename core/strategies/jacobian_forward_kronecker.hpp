#pragma once

#include "core/strategies/jacobian_forward.hpp"

namespace backprove {

/// Dense products from the input side with the Kronecker factor kept: for every l the dense chain J_L ... J_{l+1}
/// (n_L x n_l) is built from the input side, then multiplied by the structured parameter factor.
struct JacobianForwardKronecker {
  static constexpr std::string_view name = "jacobian_forward_kronecker";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    double sum = 0, carried = 0;
    const auto c = static_cast<double>(network.outputs());
    for (Index l = 0; l < network.size(); ++l) {
      if (l == 0 && shape.input_gradient) carried += static_cast<double>(network.inputs());
      sum += carried * network.multiplications(l);
      if (network.parameters(l) > 0) {
        carried += static_cast<double>(network.width(l + 1));
        sum += c * network.multiplications(l);
      }
    }
    const auto n = static_cast<double>(network.max_width());
    return {sum * static_cast<double>(shape.batch), dense_scalars(shape) + shape.threads * 2 * n * n};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          for (Index l = 0; l < network.size(); ++l)
            if (network.parameters(l) > 0)
              chain.parameter_block(above(network, chain, l, s), l, s, view(blocks[static_cast<std::size_t>(l)]));
          if (by_input.size() > 0) by_input = above(network, chain, -1, s);
        });
  }

 private:
  /// The chain above layer l, transposed; empty if l is the last layer.
  template <class T>
  static Matrix<T> above(const Network& network, const DenseChain<T>& chain, Index l, Index s) {
    if (l + 1 == network.size()) return {};
    return JacobianForward::carry(network, chain, chain.d_input(l + 1).dense(s), l + 2, s).transpose();
  }
};

}  // namespace backprove
