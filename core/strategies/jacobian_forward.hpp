#pragma once

#include "core/dense_chain.hpp"

namespace backprove {

/// Dense products from the input side: every layer's dense parameter factor (n_l x P_l) is carried forward through the
/// layers above it to n_L x P_l, and the identity (n_0 x n_0) through all layers for the input.
struct JacobianForward {
  static constexpr std::string_view name = "jacobian_forward";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    double sum = 0, carried = 0, largest = 0;
    for (Index l = 0; l < network.size(); ++l) {
      if (l == 0 && shape.input_gradient) carried += static_cast<double>(network.inputs());
      sum += carried * network.multiplications(l);
      carried += static_cast<double>(network.parameters(l));
      largest = std::max(largest, static_cast<double>(network.parameters(l)));
    }
    const double columns = std::max(largest, static_cast<double>(network.inputs()));
    return {sum * static_cast<double>(shape.batch),
            dense_scalars(shape) + shape.threads * 2 * columns * static_cast<double>(network.max_width())};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          for (Index l = 0; l < network.size(); ++l)
            if (network.parameters(l) > 0)
              blocks[static_cast<std::size_t>(l)] =
                  carry(network, chain, chain.d_params(l).dense(s), l + 1, s).transpose();
          if (by_input.size() > 0) by_input = carry(network, chain, chain.d_input(0).dense(s), 1, s).transpose();
        });
  }

  /// The matrix pushed forward through the layers [from, size).
  template <class T>
  static Matrix<T> carry(const Network& network, const DenseChain<T>& chain, Matrix<T> columns, Index from, Index s) {
    for (Index k = from; k < network.size(); ++k) {
      Matrix<T> next(chain.d_input(k).rows(), columns.cols());
      chain.d_input(k).pushforward(view(std::as_const(columns)), view(next), Samples::only(s));
      columns = std::move(next);
    }
    return columns;
  }
};

}  // namespace backprove
