#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct TangentOfTheFirstInputLost : TangentMutant {
  static constexpr std::string_view name = "tangent_of_the_first_input_lost";
  static constexpr std::string_view what = "the first input's tangent does not enter the layer";

  template <class T, class L>
  static void tangent(const L& layer, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot, Out<T> y_dot) {
    Matrix<T> blocked = x_dot;
    blocked.row(0).setZero();
    push_tangent<Dual<T, 1>>(layer, p, view(std::as_const(blocked)), theta_dot, y_dot);
  }
};

}  // namespace backprove::mutants
