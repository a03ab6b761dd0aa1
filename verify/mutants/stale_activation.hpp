#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct StaleActivation : LayerMutant {
  static constexpr std::string_view name = "stale_activation";
  static constexpr std::string_view what = "the step uses the activations of the neighbouring sample";
  template <class L>
  static constexpr bool applies = !std::same_as<L, Identity>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    Matrix<T> x(s.p.x.rows(), s.p.x.cols()), y(s.p.y.rows(), s.p.y.cols());
    for (Index j = 0; j < x.cols(); ++j) {
      x.col(j) = s.p.x.col((j + 1) % x.cols());
      y.col(j) = s.p.y.col((j + 1) % y.cols());
    }
    Vector<T> workspace = s.p.workspace;
    const At<T> stale{s.p.theta, view(std::as_const(x)), view(std::as_const(y)), view(workspace)};
    if (workspace.size() > 0) layer.value(stale, view(y));
    layer.vjp(stale, s.y_bar, s.x_bar, s.theta_bar);
  }
};

}  // namespace backprove::mutants
