#pragma once

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct JacobianTransposed : JacobianMutant {
  static constexpr std::string_view name = "jacobian_transposed";
  static constexpr std::string_view what = "a layer's square Jacobian is written out with rows and columns exchanged";
  template <class L>
  static constexpr bool applies =
      std::same_as<L, Affine> || std::same_as<L, LayerNorm> || std::same_as<L, LogSoftmax> || std::same_as<L, Residual>;
  template <class L>
  static bool fits(const L& layer, Index) {
    return layer.inputs() == layer.outputs() && layer.inputs() > 1;
  }

  template <class T, class L>
  static void edit(const L&, const At<T>&, WrittenJacobians<T>& written) {
    for (Matrix<T>& jacobian : written.by_input) jacobian.transposeInPlace();
  }
};

}  // namespace backprove::mutants
