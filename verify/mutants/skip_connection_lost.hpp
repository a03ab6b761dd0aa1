#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SkipConnectionLost : LayerMutant {
  static constexpr std::string_view name = "skip_connection_lost";
  static constexpr std::string_view what = "the gradient of the skip connection is not added";
  static constexpr std::string_view hint = "identity's part missing";
  template <class L>
  static constexpr bool applies = std::same_as<L, Residual>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar -= s.y_bar;
    });
  }
};

}  // namespace backprove::mutants
