#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ParameterJacobianWithoutItsLastPart : JacobianMutant {
  static constexpr std::string_view name = "parameter_jacobian_without_its_last_part";
  static constexpr std::string_view what = "the parameter Jacobian is zero for the last tensor (bias or shift)";
  template <class L>
  static constexpr bool applies = HasParameters<L>;

  template <class T, class L>
  static void edit(const L& layer, const At<T>&, WrittenJacobians<T>& written) {
    const Index last = layer.parameter_parts().back().rows;
    for (Matrix<T>& jacobian : written.by_parameters) jacobian.rightCols(last).setZero();
  }
};

}  // namespace backprove::mutants
