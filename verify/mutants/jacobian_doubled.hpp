#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct JacobianDoubled : JacobianMutant {
  static constexpr std::string_view name = "jacobian_doubled";
  static constexpr std::string_view what = "a layer's Jacobian by its inputs is twice what it should be";

  template <class T, class L>
  static void edit(const L&, const At<T>&, WrittenJacobians<T>& written) {
    for (Matrix<T>& jacobian : written.by_input) jacobian *= T(2);
  }
};

}  // namespace backprove::mutants
