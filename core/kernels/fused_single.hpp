#pragma once

#include <algorithm>
#include <vector>

#include "core/kernels/fused_buffers.hpp"

namespace backprove {

/// The sweep of one sample on one thread: what FusedMember does, with nothing to share out and nobody to wait for, and
/// layers whose features fit into one vector in chains. A layer of 8 features takes less time than a call.
template <class T>
class FusedSingle {
 public:
  FusedSingle(const FusedPlan<T>& of, const FusedBuffers<T>& buffers) : plan(of), own(buffers) {
    for (Index l = 0; l < plan.size(); ++l) {
      const FusedStep<T>& s = plan.step(l);
      const auto& kept = own.step(l);
      const auto below = l > 0 ? own.step(l - 1) : typename FusedBuffers<T>::Kept{};
      steps.push_back({s.offset, s.n_in, s.n_out, kept.x, kept.z, kept.y, kept.d, below.z, below.d});
      const bool fits = s.has_affine() && s.n_in <= plan.fast.lanes && s.n_out <= plan.fast.lanes;
      const ArrayRule<T>* under = l > plan.lowest ? plan.step(l - 1).rule : nullptr;
      forward_rules.push_back(fits && s.rule && s.rule->forward_chain ? s.rule : nullptr);
      backward_rules.push_back(fits && under && under->backward_chain ? under : nullptr);
    }
  }

  /// Returns the loss, not yet reduced. theta_bar: all parameters' gradient, or nullptr for the loss alone; input: its
  /// gradient, or nullptr.
  T sweep(T* theta_bar, T* input) const {
    const Index top = plan.last();
    forward();
    T* g = theta_bar ? cotangent(top) : nullptr;
    const T loss =
        plan.fast.softmax_cross_entropy_of_one(own.step(top).y, plan.step(top).n_out, plan.classes.front(), g);
    if (theta_bar && top >= plan.lowest) backward(theta_bar, input);
    return loss;
  }

 private:
  using Rules = std::vector<const ArrayRule<T>*>;
  const FusedPlan<T>& plan;
  const FusedBuffers<T>& own;
  std::vector<ChainStep<T>> steps;
  Rules forward_rules, backward_rules;  ///< whose chains a step can be in, or nullptr

  const T* theta() const { return plan.problem.theta.data(); }
  const ChainStep<T>* step(Index l) const { return steps.data() + l; }
  static const ArrayRule<T>* at(const Rules& rules, Index l) { return rules[static_cast<std::size_t>(l)]; }
  /// By the output of step l; below the first step lies the input's own.
  T* cotangent(Index l) const { return own.cotangents[(l + 2) % 2]; }

  void forward() const {
    std::copy_n(plan.problem.x.data(), plan.problem.network.inputs(), own.step(0).x);
    for (Index l = 0, end = 0; l <= plan.last(); l = end) {
      end = l + 1;
      const ArrayRule<T>* rule = at(forward_rules, l);
      while (rule && end <= plan.last() && at(forward_rules, end) == rule) ++end;
      rule ? rule->forward_chain(step(l), end - l, theta()) : forward(l);
    }
  }
  void forward(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    const auto& kept = own.step(l);
    const T* weight = theta() + s.offset;
    const T* bias = weight + s.n_in * s.n_out;
    if (s.rule && s.has_affine() && s.rule->affine_of_one)
      return s.rule->affine_of_one(weight, s.n_in, 0, s.n_out, kept.x, bias, kept.z, kept.y, kept.d);
    T* z = kept.z ? kept.z : kept.y;
    if (s.has_affine()) plan.fast.dot_columns(weight, s.n_in, 0, s.n_out, kept.x, bias, z);
    if (s.rule) s.rule->value(z, kept.y, s.n_out);
    if (s.rule && kept.d) s.rule->slope(z, kept.y, kept.d, s.n_out);
  }

  void backward(T* theta_bar, T* input) const {
    pull(plan.last());
    for (Index l = plan.last(), end = l; l >= plan.lowest; l = end) {
      end = l - 1;
      const ArrayRule<T>* rule = at(backward_rules, l);
      while (rule && at(backward_rules, end) == rule) --end;
      if (rule) {
        rule->backward_chain(step(end + 1), l - end, theta(), theta_bar, cotangent(l), cotangent(end));
        continue;
      }
      parameters(l, theta_bar);
      if (l > plan.lowest || input) below(l, cotangent(l), cotangent(l - 1));
    }
    if (input) std::copy_n(cotangent(-1), plan.problem.network.inputs(), input);
  }
  void parameters(Index l, T* theta_bar) const {
    const FusedStep<T>& s = plan.step(l);
    if (!s.has_affine()) return;
    T* weight_bar = theta_bar + s.offset;
    plan.fast.outer(own.step(l).x, cotangent(l), s.n_in, 0, s.n_out, weight_bar);
    std::copy_n(cotangent(l), s.n_out, weight_bar + s.n_in * s.n_out);
  }
  /// cotangent(l) becomes that by what the step's rule is applied to.
  void pull(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    const auto& kept = own.step(l);
    T* g = cotangent(l);
    if (s.rule && kept.d)
      plan.fast.times(g, kept.d, g, s.n_out);
    else if (s.rule)
      s.rule->pull(g, kept.z, kept.y, g, s.n_out);
  }
  /// cotangent(l - 1) by what the rule below is applied to.
  void below(Index l, const T* g, T* to) const {
    const FusedStep<T>& s = plan.step(l);
    const T* weight = theta() + s.offset;
    const ArrayRule<T>* rule = l > 0 ? plan.step(l - 1).rule : nullptr;
    if (s.has_affine() && rule && rule->pull_of_one) {
      const auto& kept = own.step(l - 1);
      return rule->pull_of_one(weight, s.n_in, s.n_out, 0, s.n_in, g, kept.z, kept.y, kept.d, to);
    }
    if (s.has_affine())
      plan.fast.combine_columns(weight, s.n_in, s.n_out, 0, s.n_in, g, to);
    else
      std::copy_n(g, s.n_in, to);
    if (l > 0) pull(l - 1);
  }
};

}  // namespace backprove
