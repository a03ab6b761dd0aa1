#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct JacobianWithoutIdentity : JacobianMutant {
  static constexpr std::string_view name = "jacobian_without_identity";
  static constexpr std::string_view what = "the Jacobian of a residual connection is that of its branch alone";
  template <class L>
  static constexpr bool applies = std::same_as<L, Residual>;

  template <class T, class L>
  static void edit(const L&, const At<T>&, WrittenJacobians<T>& written) {
    for (Matrix<T>& jacobian : written.by_input) jacobian.diagonal().array() -= T(1);
  }
};

}  // namespace backprove::mutants
