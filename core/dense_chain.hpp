#pragma once

#include "core/chunked.hpp"

namespace backprove {

/// The Jacobians of one chunk of samples, for strategies that write a chain of them out as dense matrices, sample by
/// sample. Chains are kept transposed (n_l x n_L), so that multiplying by a layer from the right is its pullback.
template <class T>
class DenseChain {
 public:
  DenseChain(const Problem<T>& of, const NetworkTape<T>& tape, In<double> y)
      : network(of.network), g(network.outputs(), tape.batch()) {
    of.loss.template gradient<T>(tape.output(), y, of.batch(), view(g));
    for (Index l = 0; l < network.size(); ++l) {
      input.push_back(tape.d_input(l));
      params.push_back(tape.d_params(l));
    }
  }

  /// The transposed chain above layer l, for sample s, extended by layer l: taken as it is if `chain` is empty.
  Matrix<T> extend(const Matrix<T>& chain, Index l, Index s) const {
    const Jacobian<T>& jacobian = input[static_cast<std::size_t>(l)];
    if (chain.size() == 0) return jacobian.dense(s).transpose();
    Matrix<T> next(jacobian.cols(), chain.cols());
    jacobian.pullback(view(chain), view(next), Samples::only(s));
    return next;
  }
  /// Layer l's block of the Jacobian by the parameters, transposed (P_l x n_L), from the chain above l.
  void parameter_block(const Matrix<T>& chain, Index l, Index s, Out<T> block) const {
    const Jacobian<T>& jacobian = params[static_cast<std::size_t>(l)];
    if (chain.size() == 0)
      block = jacobian.dense(s).transpose();
    else
      jacobian.pullback(view(chain), block, Samples::only(s));
  }
  /// The loss gradient of sample s (n_L x 1).
  Matrix<T> g_column(Index s) const { return g.col(s); }
  const Jacobian<T>& d_params(Index l) const { return params[static_cast<std::size_t>(l)]; }
  const Jacobian<T>& d_input(Index l) const { return input[static_cast<std::size_t>(l)]; }

  /// out (+)= J^T g_s with J^T (k x n_L).
  void times_g(const Matrix<T>& transposed, Index s, T* out, bool accumulate) const {
    const Tally<T> tally(Term::cotangent);
    product<T>(Op::plain, view(transposed), Op::plain, In<T>(g.data() + s * g.rows(), g.rows(), 1),
               Out<T>(out, transposed.rows(), 1), accumulate);
  }

 private:
  const Network& network;
  Matrix<T> g;
  std::vector<Jacobian<T>> input, params;
};

/// A strategy that, sample by sample, fills the block of every layer with parameters, J_{theta_l} z_L transposed
/// (P_l x n_L), and the one by the input. `fill(chain, s, blocks, input)` gets the blocks as views on one matrix P x
/// n_L, as Algorithm 1 does; the gradient is then J^T g.
template <class T, class Fill>
Prepared<T> prepare_dense(const Problem<T>& problem, const Options& options, Fill fill) {
  return [state = std::make_shared<Chunked<T>>(problem, options, problem.network.workspace()),
          fill](Gradient<T>& gradient) {
    state->run_on_tape(gradient, [&](const NetworkTape<T>& tape, const Part<T>& part) {
      const Network& network = state->problem.network;
      const DenseChain<T> chain(state->problem, tape, part.y);
      std::vector<Matrix<T>> blocks(static_cast<std::size_t>(network.size()));
      for (Index l = 0; l < network.size(); ++l)
        blocks[static_cast<std::size_t>(l)].resize(network.parameters(l), network.outputs());
      for (Index s = 0; s < tape.batch(); ++s) {
        Matrix<T> by_input(part.input.size() > 0 ? network.inputs() : 0, network.outputs());
        fill(network, chain, s, blocks, by_input);
        for (Index l = 0; l < network.size(); ++l)
          if (network.parameters(l) > 0)
            chain.times_g(blocks[static_cast<std::size_t>(l)], s,
                          ParamsOut<T>(part.theta_bar).data() + network.offset(l), true);
        if (by_input.size() > 0) chain.times_g(by_input, s, Out<T>(part.input).data() + s * network.inputs(), false);
      }
    });
  };
}

/// Scalars that prepare_dense holds beside the tapes: the P x n_L Jacobian of one sample for every thread, the chunks'
/// structured Jacobians, chains of the largest size, and the last layer's factor before it is transposed, whole and in
/// its parts.
inline double dense_scalars(const Shape& shape) {
  const Network& network = shape.network;
  const auto c = static_cast<double>(network.outputs());
  const double chain = static_cast<double>(network.max_width()) * c;
  const double factor = c * static_cast<double>(network.parameters(network.size() - 1));
  return tape_scalars(shape) + jacobian_scalars(shape) +
         shape.threads * (c * static_cast<double>(network.parameters()) + 2 * factor + 3 * chain);
}

}  // namespace backprove
