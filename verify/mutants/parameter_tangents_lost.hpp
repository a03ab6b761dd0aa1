#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ParameterTangentsLost : TangentMutant {
  static constexpr std::string_view name = "parameter_tangents_lost";
  static constexpr std::string_view what = "the parameters enter forward mode as constants";
  template <class L>
  static constexpr bool applies = HasParameters<L>;

  template <class T, class L>
  static void tangent(const L& layer, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot, Out<T> y_dot) {
    const Vector<T> constant = Vector<T>::Zero(theta_dot.size());
    push_tangent<Dual<T, 1>>(layer, p, x_dot, view(constant), y_dot);
  }
};

}  // namespace backprove::mutants
