#pragma once

#include <vector>

#include "core/kernels/fused_plan.hpp"

namespace backprove {

/// Steps that a chain has.
inline constexpr Index rounds_of_chain = 64;

/// One sample's affine layer with `rule` behind it (or none), up and down again, `rounds_of_chain` times: each on what
/// the one before gave, or (`apart`) each on the same numbers. As the fused sweep does it: in a register where it fits
/// into one.
template <class T>
class Chain {
 public:
  Chain(const Primitives<T>& with, const FusedStep<T>& of, Index width) : fast(with), rule(of.rule), n(width) {
    const auto room = static_cast<Index>(n + 64);
    for (Vector<T>* one : {&a, &b, &g, &d, &spare}) *one = Vector<T>::Zero(room);
    a.head(n).setConstant(T(0.1));
    theta = Vector<T>::Constant(n * n + n + 64, T(0.5) / static_cast<T>(n));
    theta_bar = theta;
    for (Index k = 0; k < rounds_of_chain; ++k)
      steps.push_back({0, n, n, k % 2 ? b.data() : a.data(), spare.data(), k % 2 ? a.data() : b.data(), spare.data()});
  }

  void run(bool apart) {
    const bool fits = n <= fast.lanes && rule && rule->forward_chain && rule->backward_chain;
    fits ? in_register(apart) : step_by_step(apart);
  }

 private:
  const Primitives<T>& fast;
  const ArrayRule<T>* rule;
  const Index n;
  Vector<T> a, b, g, d, spare, theta, theta_bar;
  std::vector<ChainStep<T>> steps;

  void in_register(bool apart) {
    const Index many = apart ? 1 : rounds_of_chain;
    for (Index k = 0; k < rounds_of_chain; k += many) rule->forward_chain(steps.data(), many, theta.data());
    for (Index k = 0; k < rounds_of_chain; k += many)
      rule->backward_chain(SweepBy::reverse_rules, steps.data(), many, theta.data(), theta_bar.data(), g.data(),
                           d.data());
  }
  void step_by_step(bool apart) {
    const T* bias = theta.data() + n * n;
    for (Index k = 0; k < rounds_of_chain; ++k) {
      const bool even = apart || k % 2 == 0;
      up(even ? a.data() : b.data(), bias, apart ? spare.data() : even ? b.data() : a.data());
    }
    for (Index k = 0; k < rounds_of_chain; ++k) {
      const bool even = apart || k % 2 == 0;
      down(even ? g.data() : d.data(), apart ? spare.data() : even ? d.data() : g.data());
    }
  }
  void up(const T* x, const T* bias, T* y) {
    if (rule && rule->affine_of_one[0]) return rule->affine_of_one[0](theta.data(), n, 0, n, x, bias, nullptr, y);
    fast.dot_columns[0](theta.data(), n, 0, n, x, bias, y);
    if (rule) rule->value(y, y, n);
  }
  void down(const T* from, T* to) {
    fast.outer[0](a.data(), from, n, 0, n, theta_bar.data());
    if (rule && rule->pull_of_one[0])
      return rule->pull_of_one[0](SweepBy::reverse_rules, theta.data(), n, n, 0, n, from, a.data(), b.data(), to);
    fast.combine_columns[0](theta.data(), n, n, 0, n, from, to);
    if (rule) rule->pull(SweepBy::reverse_rules, to, a.data(), b.data(), to, n);
  }
};

}  // namespace backprove
