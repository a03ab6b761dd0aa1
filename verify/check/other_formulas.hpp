#pragma once

#include <cmath>

#include "core/scalars/running_error.hpp"
#include "core/strategy.hpp"
#include "verify/check/noisy.hpp"

/// Reverse mode as other programs may write it, in a scalar that bounds or imitates their rounding.
namespace backprove {

/// An absolute error of at most `worst` units of u, or of a standard deviation of `typical` ones.
inline void add_absolute_error(RunningError& x, double worst, double) {
  x.e += worst * active_arithmetic().unit_roundoff;
}
template <class W>
void add_absolute_error(Noisy<W>& x, double, double typical) {
  x = Noisy<W>::rounded(x.v, W(1), thread_noise.key(x.v) + 1, typical);
}

/// The cotangent that leaves a softmax cross-entropy is p - t: where p is near 1 its error is that of p, which a
/// careful formula for the difference does not have. `ulp`: of the exponential.
template <class T>
void other_loss_step(const Problem<T>& problem, In<T> z, double ulp, Out<T> g) {
  const Loss& loss = problem.loss;
  loss.gradient<T>(z, problem.y, problem.batch(), g);
  if (loss.targets() != Targets::classes || loss.name() != "softmax_cross_entropy") return;
  using namespace math;
  const double share = to_double(loss.template reduce<T>(T(1), problem.batch()));
  // p = e^d/sum: the exponential, a sum of n terms in any order, the division, the difference.
  const double n = static_cast<double>(z.rows());
  const double worst = 2 * ulp + n + 2, typical = 0.75 * ulp + std::sqrt(n) + 1;
  for (Index s = 0; s < g.cols(); ++s)
    add_absolute_error(g(static_cast<Index>(problem.y(0, s)), s), worst * share, typical * share);
}

/// The whole gradient, with the batch in one piece, so that sums over the samples are one sum. `see(tape)` is called
/// after the forward sweep.
template <class T, class F>
Gradient<T> other_gradient(const Problem<T>& problem, bool input_gradient, double ulp, F&& see) {
  const Network& network = problem.network;
  const Index lowest = input_gradient ? 0 : network.first_parameters();
  Gradient<T> gradient;
  gradient.resize(problem, input_gradient);
  gradient.parameters.setConstant(T(0));
  Vector<T> workspace(network.workspace() * problem.batch());
  const NetworkTape<T> tape = network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)});
  tape.forward();
  see(tape);
  Matrix<T> y_bar(network.outputs(), problem.batch()), x_bar;
  other_loss_step(problem, tape.output(), ulp, view(y_bar));
  for (Index l = network.size() - 1; l >= lowest; --l) {
    if (l > lowest || input_gradient)
      x_bar.resize(network.width(l), problem.batch());
    else
      x_bar.resize(0, 0);
    const ParamsOut<T> theta_bar(gradient.parameters.data() + network.offset(l), network.parameters(l));
    std::visit([&](const auto& layer) { layer.vjp(tape.at(l), view(std::as_const(y_bar)), view(x_bar), theta_bar); },
               network.layer(l));
    std::swap(y_bar, x_bar);
  }
  if (input_gradient) gradient.input = y_bar;
  return gradient;
}

}  // namespace backprove
