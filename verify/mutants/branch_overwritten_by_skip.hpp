#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct BranchOverwrittenBySkip : LayerMutant {
  static constexpr std::string_view name = "branch_overwritten_by_skip";
  static constexpr std::string_view what = "the skip connection overwrites what the branch has accumulated";
  static constexpr std::string_view report = "AlexeyAB/darknet#7320";
  static constexpr std::string_view hint = "unchanged";
  template <class L>
  static constexpr bool applies = std::same_as<L, Residual>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
      if (x_bar.size() > 0) x_bar = s.y_bar;
    });
  }
};

}  // namespace backprove::mutants
