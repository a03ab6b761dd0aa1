#include "core/train.hpp"

#include <cmath>

#include "core/strategies/reverse_vjp.hpp"

namespace backprove {

namespace {

/// Outputs of the network on all columns, and the loss.
Trained judge(const Network& network, const Loss& loss, In<double> x, In<double> y, const Vector<double>& theta) {
  Vector<double> workspace(network.workspace() * x.cols());
  const NetworkTape<double> tape = network.tape(At<double>{view(theta), x, x, view(workspace)});
  tape.forward();
  const In<double> z = tape.output();
  Trained result{loss.reduce(loss.sum(z, y), x.cols()), 0};
  if (loss.targets() == Targets::values || z.rows() < 2) return {result.loss, std::nan("")};
  Index right = 0;
  for (Index s = 0; s < z.cols(); ++s) {
    Index best = 0, target = 0;
    z.col(s).maxCoeff(&best);
    if (loss.targets() == Targets::classes)
      target = static_cast<Index>(y(0, s));
    else
      y.col(s).maxCoeff(&target);
    right += best == target ? 1 : 0;
  }
  result.accuracy = static_cast<double>(right) / static_cast<double>(z.cols());
  return result;
}

}  // namespace

Trained train(const Network& network, const Loss& loss, const Training& how, In<double> x, In<double> y,
              Vector<double>& theta, const std::function<void(Index, double)>& progress) {
  std::mt19937_64 random(how.seed);
  const Index batch = std::min(how.batch, x.cols());
  Matrix<double> some_x(x.rows(), batch), some_y(y.rows(), batch);
  Vector<double> mean = Vector<double>::Zero(theta.size()), square = mean;
  const Problem<double> problem{network, loss, view(std::as_const(theta)), view(std::as_const(some_x)),
                                view(std::as_const(some_y))};
  Options options;
  options.input_gradient = false;
  const Prepared<double> gradient_of = ReverseVjp::prepare(problem, options);
  Gradient<double> gradient;
  gradient.resize(problem, false);
  double power1 = 1, power2 = 1;
  for (Index step = 1; step <= how.steps; ++step) {
    for (Index s = 0; s < batch; ++s) {
      const auto pick = static_cast<Index>(random() % static_cast<std::uint64_t>(x.cols()));
      some_x.col(s) = x.col(pick);
      some_y.col(s) = y.col(pick);
    }
    gradient_of(gradient);
    power1 *= how.decay1;
    power2 *= how.decay2;
    for (Index i = 0; i < theta.size(); ++i) {
      const double g = gradient.parameters(i);
      mean(i) = how.decay1 * mean(i) + (1 - how.decay1) * g;
      square(i) = how.decay2 * square(i) + (1 - how.decay2) * g * g;
      theta(i) -= how.rate * (mean(i) / (1 - power1)) / (std::sqrt(square(i) / (1 - power2)) + how.epsilon);
    }
    if (progress && (step % 100 == 0 || step == how.steps)) progress(step, gradient.loss);
  }
  return judge(network, loss, x, y, theta);
}

}  // namespace backprove
