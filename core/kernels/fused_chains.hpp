#pragma once

#include <vector>

#include "core/kernels/fused_buffers.hpp"

namespace backprove {

/// The steps of one sample whose features fit into one vector on both sides, in chains of one rule: what passes from
/// step to step stays in a register. Such a step takes less time than the calls for it.
template <class T>
class FusedChains {
 public:
  FusedChains(const FusedPlan<T>& of, const FusedBuffers<T>& own) : plan(of) {
    for (Index l = 0; l < plan.size(); ++l) {
      const FusedStep<T>& s = plan.step(l);
      const auto& kept = own.step(l);
      const auto below = l > 0 ? own.step(l - 1) : typename FusedBuffers<T>::Kept{};
      steps.push_back({s.offset, s.n_in, s.n_out, kept.x, kept.z, kept.y, below.z});
      const bool fits = s.has_affine() && s.n_in <= plan.fast.lanes && s.n_out <= plan.fast.lanes;
      const ArrayRule<T>* under = l > plan.lowest ? plan.step(l - 1).rule : nullptr;
      up.push_back(fits && s.rule && s.rule->forward_chain ? s.rule : nullptr);
      down.push_back(fits && under && under->backward_chain ? under : nullptr);
    }
  }

  /// Runs the chain that starts with step l; returns the step behind it, l where there is none.
  Index forward(Index l) const {
    const ArrayRule<T>* rule = at(up, l);
    Index end = l;
    while (rule && end <= plan.last() && at(up, end) == rule) ++end;
    if (end > l) rule->forward_chain(&steps[static_cast<std::size_t>(l)], end - l, plan.problem.theta.data());
    return end;
  }
  /// Runs the chain that ends with step l backwards; returns the step below it, l where there is none. g is the
  /// cotangent by what the step's rule is applied to; `to(k)` is where that of step k belongs.
  template <class To>
  Index backward(Index l, T* theta_bar, const T* g, To&& to) const {
    const ArrayRule<T>* rule = at(down, l);
    Index end = l;
    while (rule && at(down, end) == rule) --end;
    if (end < l)
      rule->backward_chain(plan.by, &steps[static_cast<std::size_t>(end + 1)], l - end, plan.problem.theta.data(),
                           theta_bar, g, to(end));
    return end;
  }

 private:
  using Rules = std::vector<const ArrayRule<T>*>;
  const FusedPlan<T>& plan;
  std::vector<ChainStep<T>> steps;
  Rules up, down;  ///< whose chain a step can be in, or nullptr

  static const ArrayRule<T>* at(const Rules& rules, Index l) { return rules[static_cast<std::size_t>(l)]; }
};

}  // namespace backprove
