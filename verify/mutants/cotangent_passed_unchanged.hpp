#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct CotangentPassedUnchanged : LayerMutant {
  static constexpr std::string_view name = "cotangent_passed_unchanged";
  static constexpr std::string_view what = "the layer is taken for the identity";
  static constexpr std::string_view report = "pjreddie/darknet#96";
  static constexpr std::string_view hint = "unchanged";
  template <class L>
  static constexpr bool applies = !std::same_as<L, Identity>;
  template <class L>
  static bool fits(const L& layer, Index batch) {
    return batch > 0 && layer.inputs() == layer.outputs();
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar = s.y_bar;
    });
  }
};

}  // namespace backprove::mutants
