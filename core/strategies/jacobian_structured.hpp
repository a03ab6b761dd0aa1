#pragma once

#include "core/chunked.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// Explicit Jacobians kept in their structure, multiplied from the loss down: g, J_L^T g, ... for a batch at once; the
/// parameter factors give their gradient by pullback_sum; by a kernel where one is asked for. Never uses a layer's vjp.
struct JacobianStructured {
  static constexpr std::string_view name = "jacobian_structured";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  /// One Jacobian at a time, with the cotangents above and below it.
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    double largest = 0;
    for (Index l = 0; l < network.size(); ++l) {
      const JacobianSizes sizes = network.jacobian_sizes(l);
      const auto above = static_cast<double>(network.width(l + 1)), below = static_cast<double>(network.width(l));
      largest = std::max(largest, above + std::max(sizes.params, below + sizes.input));
    }
    return {reverse_multiplications(shape), tape_scalars(shape) + largest * samples_at_once(shape)};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    if constexpr (has_kernels<T>)
      if (auto fused = fused_sweep<T>(problem, options, SweepBy::jacobians))
        return [fused](Gradient<T>& gradient) { fused->gradient(gradient); };
    return
        [state = std::make_shared<Chunked<T>>(problem, options, problem.network.workspace())](Gradient<T>& gradient) {
          state->run_on_tape(gradient, [&](const NetworkTape<T>& tape, const Part<T>& part) {
            multiply(state->problem, tape, part.y, part.input, part.theta_bar);
          });
        };
  }

 private:
  template <class T>
  static void multiply(const Problem<T>& problem, const NetworkTape<T>& tape, In<double> y, Out<T> input,
                       ParamsOut<T> theta_bar) {
    const Network& network = problem.network;
    Matrix<T> g(network.outputs(), tape.batch());
    problem.loss.template gradient<T>(tape.output(), y, problem.batch(), view(g));
    const bool want_input = input.size() > 0;
    const Index first = want_input ? 0 : network.first_parameters();
    for (Index l = network.size() - 1; l >= first; --l) {
      if (network.parameters(l) > 0)
        tape.d_params(l).pullback_sum(view(std::as_const(g)),
                                      {theta_bar.data() + network.offset(l), network.parameters(l)});
      if (l == first && !want_input) break;
      Matrix<T> below(network.width(l), tape.batch());
      tape.d_input(l).pullback(view(std::as_const(g)), view(below), Samples::own());
      g = std::move(below);
    }
    if (want_input) input = g;
  }
};

}  // namespace backprove
