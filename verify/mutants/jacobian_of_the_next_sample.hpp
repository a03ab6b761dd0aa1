#pragma once

#include <algorithm>

#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct JacobianOfTheNextSample : JacobianMutant {
  static constexpr std::string_view name = "jacobian_of_the_next_sample";
  static constexpr std::string_view what = "every sample is multiplied by the next one's Jacobians";
  template <class L>
  static constexpr bool applies = !std::same_as<L, Identity>;
  template <class L>
  static bool fits(const L&, Index batch) {
    return batch > 1;
  }

  template <class T, class L>
  static void edit(const L&, const At<T>&, WrittenJacobians<T>& written) {
    std::rotate(written.by_input.begin(), written.by_input.begin() + 1, written.by_input.end());
    std::rotate(written.by_parameters.begin(), written.by_parameters.begin() + 1, written.by_parameters.end());
  }
};

}  // namespace backprove::mutants
