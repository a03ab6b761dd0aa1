#pragma once

#include "core/promotion.hpp"
#include "core/scalars/taped.hpp"

namespace backprove {

/// One reverse step by a tape over scalar operations: it relies on the layer's or the loss's value and on the
/// derivatives of + - * / exp log ... alone, on no formula that a layer gives for its derivative.
template <class W>
class TapedStep {
 public:
  /// Returns (dy/dx)^T y_bar for one sample's x (n_in x 1), and adds (dy/dtheta)^T y_bar to theta_bar.
  template <class L>
  Vector<W> layer(const L& layer, ParamsIn<W> own, In<W> x, ParamsIn<W> y_bar, ParamsOut<W> theta_bar) {
    Tape<W>::active().clear();
    const Matrix<V> theta = recorded(In<W>(own.data(), own.size(), 1)), inputs = recorded(x);
    Matrix<V> y(layer.outputs(), 1);
    Vector<V> workspace(layer.workspace());
    const At<V> p{ParamsIn<V>(theta.data(), theta.size()), view(inputs), view(std::as_const(y)), view(workspace)};
    layer.value(p, view(y));
    clear_adjoint();
    for (Index i = 0; i < y.rows(); ++i)
      if (y(i, 0).node >= 0) adjoint[static_cast<std::size_t>(y(i, 0).node)] += y_bar(i);
    Tape<W>::active().reverse(adjoint);
    for (Index k = 0; k < theta.size(); ++k) theta_bar(k) += adjoint_of(theta.data()[k]);
    Vector<W> x_bar(x.rows());
    for (Index i = 0; i < x.rows(); ++i) x_bar(i) = adjoint_of(inputs.data()[i]);
    return x_bar;
  }
  /// Returns one sample's loss, and writes its share of the reduced loss's derivative by z (n x 1) to `gradient`.
  W loss(const Loss& loss, In<W> z, const double* target, Index batch, ParamsOut<W> gradient) {
    Tape<W>::active().clear();
    const Matrix<V> inputs = recorded(z);
    const V value = loss.template sample<V>(inputs.data(), target, z.rows());
    clear_adjoint();
    if (value.node >= 0) adjoint[static_cast<std::size_t>(value.node)] = loss.template reduce<W>(W(1), batch);
    Tape<W>::active().reverse(adjoint);
    for (Index i = 0; i < gradient.size(); ++i) gradient(i) = adjoint_of(inputs.data()[i]);
    return value.value;
  }

 private:
  using V = Taped<W>;
  std::vector<W> adjoint;

  static Matrix<V> recorded(In<W> values) {
    Matrix<V> inputs(values.rows(), values.cols());
    for (Index i = 0; i < values.size(); ++i) inputs.data()[i] = Tape<W>::active().input(values.data()[i]);
    return inputs;
  }
  W adjoint_of(const V& v) const { return v.node < 0 ? W(0) : adjoint[static_cast<std::size_t>(v.node)]; }
  void clear_adjoint() { adjoint.assign(static_cast<std::size_t>(Tape<W>::active().size()), W(0)); }
};

/// The gradient by taped steps, layer by layer and sample by sample, so that the tape never holds more than one layer
/// of one sample.
template <class W>
class TapedGradient {
 public:
  explicit TapedGradient(const Problem<W>& of) : problem(of), network(of.network) {}

  /// Adds the samples [begin, end): theta_bar, the columns of `input` (unless empty), and returns the sum of the
  /// losses.
  W run(Index begin, Index end, Vector<W>& theta_bar, Matrix<W>& input) {
    const Index samples = end - begin;
    const In<W> x(problem.x.data() + begin * network.inputs(), network.inputs(), samples);
    Vector<W> workspace(network.workspace() * samples);
    const NetworkTape<W> tape = network.tape(At<W>{problem.theta, x, x, view(workspace)});
    tape.forward();
    W total = W(0);
    for (Index s = 0; s < samples; ++s) {
      Vector<W> cotangent(network.outputs());
      const double* target = problem.y.data() + (begin + s) * problem.y.rows();
      total += step.loss(problem.loss, column(tape, network.size(), s), target, problem.batch(), view(cotangent));
      const Index first = input.size() > 0 ? 0 : network.first_parameters();
      for (Index l = network.size() - 1; l >= first; --l)
        cotangent = through(l, column(tape, l, s), cotangent, theta_bar);
      if (input.size() > 0) input.col(begin + s) = cotangent;
    }
    return total;
  }

 private:
  const Problem<W>& problem;
  const Network& network;
  TapedStep<W> step;

  static In<W> column(const NetworkTape<W>& tape, Index l, Index s) {
    const Out<W> all = tape.input(l);
    return In<W>(all.data() + s * all.rows(), all.rows(), 1);
  }
  Vector<W> through(Index l, In<W> x, const Vector<W>& y_bar, Vector<W>& theta_bar) {
    const Index begin = network.offset(l), count = network.parameters(l);
    const ParamsIn<W> own(problem.theta.data() + begin, count);
    const ParamsOut<W> own_bar(theta_bar.data() + begin, count);
    return std::visit([&](const auto& layer) { return step.layer(layer, own, x, view(y_bar), own_bar); },
                      network.layer(l));
  }
};

/// The whole gradient in W of a problem whose numbers W represents exactly; `enter` is called first on every thread.
template <class W, class Enter>
Gradient<W> taped_gradient(const Problem<W>& problem, const Options& options, Enter enter) {
  Gradient<W> gradient;
  gradient.resize(problem, options.input_gradient);
  const Index chunk = sample_chunk(problem.batch()), chunks = (problem.batch() + chunk - 1) / chunk;
  std::vector<Vector<W>> theta_bars(static_cast<std::size_t>(chunks));
  std::vector<W> losses(static_cast<std::size_t>(chunks));
  map_chunks(problem.batch(), chunk, options.threads, [&](Index c, Index begin, Index end) {
    [[maybe_unused]] const auto scope = enter();
    auto& theta_bar = theta_bars[static_cast<std::size_t>(c)];
    theta_bar = Vector<W>::Constant(problem.network.parameters(), W(0));
    losses[static_cast<std::size_t>(c)] = TapedGradient<W>(problem).run(begin, end, theta_bar, gradient.input);
  });
  [[maybe_unused]] const auto scope = enter();
  gradient.parameters = theta_bars.front();
  W total = losses.front();
  for (std::size_t c = 1; c < theta_bars.size(); ++c) {
    total += losses[c];
    for (Index i = 0; i < gradient.parameters.size(); ++i) gradient.parameters(i) += theta_bars[c](i);
  }
  gradient.loss = problem.loss.template reduce<W>(total, problem.batch());
  return gradient;
}

/// The same from data in double, promoted exactly first.
template <class W, class Enter>
Gradient<W> taped_gradient_of(const Problem<double>& problem, const Options& options, Enter enter) {
  const Vector<W> theta = promoted<W>(problem.theta);
  const Matrix<W> x = promoted<W>(problem.x);
  return taped_gradient<W>(Problem<W>{problem.network, problem.loss, view(theta), view(x), problem.y}, options, enter);
}

}  // namespace backprove
