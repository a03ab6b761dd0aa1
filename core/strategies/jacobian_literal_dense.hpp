#pragma once

#include "core/dense_chain.hpp"
#include "core/strategies/jacobian_literal.hpp"

namespace backprove {

/// Algorithm 1 as printed, with the parameter factor [I (x) a^T | I] written out as a dense n_l x P_l matrix too.
struct JacobianLiteralDense {
  static constexpr std::string_view name = "jacobian_literal_dense";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    double factors = 0, largest = 0, last = 0;
    for (Index l = 0; l < network.size(); ++l) {
      const double size = static_cast<double>(network.width(l + 1)) * static_cast<double>(network.parameters(l));
      factors += size;
      largest = std::max(largest, size);
      last = size;
    }
    // A factor is there whole and in its parts, of which dense_scalars knows the last layer's.
    return {JacobianLiteral::multiplications(shape) +
                factors * static_cast<double>(network.outputs()) * static_cast<double>(shape.batch),
            dense_scalars(shape) + shape.threads * 2 * (largest - last)};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return prepare_dense(
        problem, options,
        [](const Network& network, const DenseChain<T>& chain, Index s, auto& blocks, Matrix<T>& by_input) {
          for (Index l = 0; l < network.size(); ++l) {
            if (network.parameters(l) == 0) continue;
            Matrix<T>& block = blocks[static_cast<std::size_t>(l)];
            const Matrix<T> factor = chain.d_params(l).dense(s);
            if (l == network.size() - 1) {
              block = factor.transpose();
              continue;
            }
            const Matrix<T> above = JacobianLiteral::rebuild(network, chain, l, s);
            const Tally<T> tally(Term::parameter_factor);
            product<T>(Op::transposed, view(factor), Op::plain, view(above), view(block));
          }
          if (by_input.size() > 0) by_input = JacobianLiteral::rebuild(network, chain, -1, s);
        });
  }
};

}  // namespace backprove
