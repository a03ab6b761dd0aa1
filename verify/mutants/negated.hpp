#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct Negated : LayerMutant {
  static constexpr std::string_view name = "negated";
  static constexpr std::string_view what = "the whole step has the wrong sign";
  static constexpr std::string_view hint = "-1";

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    step_with_cotangent<T>(layer, s, -s.y_bar);
  }
};

}  // namespace backprove::mutants
