#pragma once

#include "core/chunked.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// Reverse mode: the layers' vector-Jacobian products, from the loss down; by a kernel where one is asked for.
/// Allocates nothing after prepare.
struct ReverseVjp {
  static constexpr std::string_view name = "reverse_vjp";
  static constexpr unsigned trusts = formula_value | formula_vjp;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return {reverse_multiplications(shape), tape_scalars(shape)}; }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    if constexpr (has_kernels<T>)
      if (auto fused = fused_sweep<T>(problem, options))
        return [fused](Gradient<T>& gradient) { fused->gradient(gradient); };
    return
        [state = std::make_shared<Chunked<T>>(problem, options, problem.network.workspace())](Gradient<T>& gradient) {
          state->run_on_tape(gradient, [&](const NetworkTape<T>& tape, const Part<T>& part) {
            Out<T> top = tape.cotangent(tape.size());
            state->problem.loss.template gradient<T>(tape.output(), part.y, state->problem.batch(), top);
            tape.backward(In<T>(top.data(), top.rows(), top.cols()), part.input, part.theta_bar);
          });
        };
  }
};

}  // namespace backprove
