#pragma once

#include "core/chunked.hpp"
#include "core/scalars/interval.hpp"
#include "core/scalars/multiprecision.hpp"
#include "core/scalars/rational.hpp"
#include "core/scalars/traits.hpp"

/// Gradients that do not depend on a working scalar: high precision, intervals, rational numbers. They take the data as
/// doubles, exactly, and trust no formula that a layer gives for its derivative (core/taped_gradient.hpp).
namespace backprove {

/// Point values in Wide, with its digits.
Gradient<Wide> reference_gradient(const Problem<double>& problem, const Options& options);

/// The largest rounding error of every entry of reference_gradient (parameters, then inputs), from the running error of
/// the same operations.
Vector<double> reference_rounding(const Problem<double>& problem, const Options& options);

/// Intervals that contain the exact gradient and loss. Extras: enclosure_width (the largest ratio of a block's widest
/// entry to its largest), enclosure_bits (the precision reached), negligible_blocks (those that may be exactly zero and
/// are far below every double; they have no relative width), and a note if the cap came first; enclosure_by_balls (1 if
/// Arb's balls made them, 0 if MPFI's intervals did, for the reason in the note; core/kernels/balls/kernel.hpp).
Gradient<Interval> enclose_gradient(const Problem<double>& problem, const Options& options);

/// Exact values. The network and the loss must be free of irrational functions.
Gradient<Rational> rational_gradient(const Problem<double>& problem, const Options& options);

/// Empty, or what keeps rational numbers from evaluating this network and loss.
inline std::string irrational_reason(const Network& network, const Loss& loss) {
  std::string reason = network.irrational();
  if (reason.empty() && !loss.rational().empty())
    reason = std::string(loss.name()) + " needs " + std::string(loss.rational());
  return reason.empty() ? "" : "cpp_rational: " + reason + ", which has no rational values";
}

/// A problem's data as doubles; they are exact, since data are made in the lowest precision.
struct DoubleData {
  Vector<double> theta;
  Matrix<double> x;
};
template <class T>
DoubleData double_data(const Problem<T>& problem) {
  using namespace math;
  DoubleData data{Vector<double>(problem.theta.size()), Matrix<double>(problem.x.rows(), problem.x.cols())};
  for (Index i = 0; i < data.theta.size(); ++i) data.theta(i) = to_double(problem.theta(i));
  for (Index i = 0; i < data.x.size(); ++i) data.x.data()[i] = to_double(problem.x.data()[i]);
  return data;
}
inline Problem<double> problem_of(const DoubleData& data, const Network& network, const Loss& loss, In<double> y) {
  return {network, loss, view(data.theta), view(data.x), y};
}

/// Runs `strategy(problem in doubles)` for a problem in T, and rounds what it gives once to T.
template <class T, class F>
void rounded_from(const Problem<T>& problem, Gradient<T>& gradient, F&& strategy) {
  const DoubleData data = double_data(problem);
  const auto exact = strategy(problem_of(data, problem.network, problem.loss, problem.y));
  gradient.loss = rounded<T>(exact.loss);
  for (Index i = 0; i < gradient.parameters.size(); ++i) gradient.parameters(i) = rounded<T>(exact.parameters(i));
  for (Index i = 0; i < gradient.input.size(); ++i) gradient.input.data()[i] = rounded<T>(exact.input.data()[i]);
  gradient.radius = exact.radius;
  gradient.extras.clear();
  for (const auto& extra : exact.extras) gradient.extras.push_back({extra.quantity, extra.value, extra.note});
}

/// Multiplications of the tape's sweeps, and the numbers of W that it holds: activations, gradient, one layer's nodes.
template <class W>
Cost taped_cost(const Shape& shape) {
  const Network& network = shape.network;
  double largest = 0;
  for (Index l = 0; l < network.size(); ++l)
    largest = std::max(largest, network.multiplications(l) + static_cast<double>(network.parameters(l)));
  return {3 * network.multiplications() * static_cast<double>(shape.batch),
          2 * static_cast<double>(network.parameters()) + tape_scalars(shape) + shape.threads * 4 * largest,
          static_cast<double>(storage_bytes<W>())};
}

}  // namespace backprove
