#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct ExtraDivisionByBatch : LayerMutant {
  static constexpr std::string_view name = "extra_division_by_batch";
  static constexpr std::string_view what = "the input gradient is divided by the batch size";
  static constexpr std::string_view hint = "1/batch size";
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return layer.inputs() > 0 && batch > 1;
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) { x_bar /= static_cast<T>(s.samples()); });
  }
};

}  // namespace backprove::mutants
