#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct JacobianDiagonalOnly : JacobianMutant {
  static constexpr std::string_view name = "jacobian_diagonal_only";
  static constexpr std::string_view what = "the off-diagonal entries of a layer's Jacobian are dropped";
  template <class L>
  static constexpr bool applies = std::same_as<L, Softmax> || std::same_as<L, LogSoftmax> ||
                                  std::same_as<L, LayerNorm> || std::same_as<L, Residual>;
  template <class L>
  static bool fits(const L& layer, Index) {
    return layer.inputs() > 1;
  }

  template <class T, class L>
  static void edit(const L&, const At<T>&, WrittenJacobians<T>& written) {
    for (Matrix<T>& jacobian : written.by_input) jacobian = Matrix<T>(jacobian.diagonal().asDiagonal());
  }
};

}  // namespace backprove::mutants
