#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct ParameterJacobianByRows : JacobianMutant {
  static constexpr std::string_view name = "parameter_jacobian_by_rows";
  static constexpr std::string_view what =
      "the parameter Jacobian counts the weights row by row, where they are stored by columns";
  template <class L>
  static constexpr bool applies = std::same_as<L, Affine>;
  template <class L>
  static bool fits(const L& layer, Index) {
    return layer.n_in > 1 && layer.n_out > 1;
  }

  template <class T, class L>
  static void edit(const L& layer, const At<T>&, WrittenJacobians<T>& written) {
    for (Matrix<T>& jacobian : written.by_parameters) {
      const Matrix<T> right = jacobian;
      for (Index i = 0; i < layer.n_in; ++i)
        for (Index j = 0; j < layer.n_out; ++j) jacobian.col(i * layer.n_out + j) = right.col(j * layer.n_in + i);
    }
  }
};

}  // namespace backprove::mutants
