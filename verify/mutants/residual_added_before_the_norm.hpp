#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct ResidualAddedBeforeTheNorm : LayerMutant {
  static constexpr std::string_view name = "residual_added_before_the_norm";
  static constexpr std::string_view what =
      "the skip connection's gradient goes through the Jacobian of the branch's first layer too";
  static constexpr std::string_view report = "Dao-AILab/quack#53";
  template <class L>
  static constexpr bool applies = std::same_as<L, Residual>;
  template <class L>
  static bool fits(const L& layer, Index) {
    return layer.body->width(1) == layer.inputs();
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>& theta_bar) {
      if (x_bar.size() == 0) return;
      const NetworkTape<T> tape = layer.body->tape(s.p);
      Vector<T> unused = Vector<T>::Zero(theta_bar.size());
      Matrix<T> g = s.y_bar;
      for (Index l = tape.size() - 1; l > 0; --l) {
        Matrix<T> below(layer.body->width(l), s.samples());
        tape.vjp(l, view(std::as_const(g)), view(below), view(unused));
        g = std::move(below);
      }
      g += s.y_bar;
      tape.vjp(0, view(std::as_const(g)), view(x_bar), view(unused));
    });
  }
};

}  // namespace backprove::mutants
