#pragma once

#include <algorithm>
#include <vector>

#include "core/kernels/fused_plan.hpp"

namespace backprove {

/// Steps that a chain has, or more where it has more weights.
inline constexpr Index rounds_of_chain = 64;

/// One sample's affine layer with `rule` behind it (or none), up and down again, `rounds` times: each on what the one
/// before gave, or (`apart`) each on the same numbers; by `matrices` of weights one after the other. As the fused sweep
/// does it: in a register where it fits into one.
template <class T>
class Chain {
 public:
  Chain(const Primitives<T>& with, const FusedStep<T>& of, Index width, Index matrices = 1)
      : rounds(std::max(rounds_of_chain, matrices)), fast(with), rule(of.rule), n(width) {
    const Index room = n + 64, each = n * n + n;
    for (Vector<T>* one : {&a, &b, &g, &d, &spare}) *one = Vector<T>::Zero(room);
    a.head(n).setConstant(T(0.1));
    theta = Vector<T>::Constant(matrices * each + 64, T(0.5) / static_cast<T>(n));
    theta_bar = theta;
    for (Index k = 0; k < rounds; ++k)
      steps.push_back({k % matrices * each, n, n, k % 2 ? b.data() : a.data(), spare.data(),
                       k % 2 ? a.data() : b.data(), spare.data()});
  }

  /// Whether a step's numbers stay in a register.
  static bool fits(const Primitives<T>& fast, const ArrayRule<T>* rule, Index n) {
    return n <= fast.lanes && rule && rule->forward_chain && rule->backward_chain;
  }
  void run(bool apart) { fits(fast, rule, n) ? in_register(apart) : step_by_step(apart); }

  const Index rounds;

 private:
  const Primitives<T>& fast;
  const ArrayRule<T>* rule;
  const Index n;
  Vector<T> a, b, g, d, spare, theta, theta_bar;
  std::vector<ChainStep<T>> steps;

  void in_register(bool apart) {
    const Index many = apart ? 1 : rounds;
    for (Index k = 0; k < rounds; k += many) rule->forward_chain(steps.data(), many, theta.data());
    for (Index k = 0; k < rounds; k += many)
      rule->backward_chain(SweepBy::reverse_rules, steps.data(), many, theta.data(), theta_bar.data(), g.data(),
                           d.data());
  }
  void step_by_step(bool apart) {
    const auto each = [&](Index k, Vector<T>& one, Vector<T>& other, auto f) {
      const bool even = apart || k % 2 == 0;
      T *from = even ? one.data() : other.data(), *to = even ? other.data() : one.data();
      f(steps[static_cast<std::size_t>(k)].offset, from, apart ? spare.data() : to);
    };
    for (Index k = 0; k < rounds; ++k) each(k, a, b, [&](Index at, const T* x, T* y) { up(at, x, y); });
    for (Index k = rounds - 1; k >= 0; --k) each(k, g, d, [&](Index at, const T* from, T* to) { down(at, from, to); });
  }
  void up(Index offset, const T* x, T* y) {
    const T *weight = theta.data() + offset, *bias = weight + n * n;
    if (rule && rule->affine_of_one[0]) return rule->affine_of_one[0](weight, n, 0, n, x, bias, nullptr, y);
    fast.dot_columns[0](weight, n, 0, n, x, bias, y);
    if (rule) rule->value(y, y, n);
  }
  void down(Index offset, const T* from, T* to) {
    const T* weight = theta.data() + offset;
    fast.outer[0](a.data(), from, n, 0, n, theta_bar.data() + offset);
    if (rule && rule->pull_of_one[0])
      return rule->pull_of_one[0](SweepBy::reverse_rules, weight, n, n, 0, n, from, a.data(), b.data(), to);
    fast.combine_columns[0](weight, n, n, 0, n, from, to);
    if (rule) rule->pull(SweepBy::reverse_rules, to, a.data(), b.data(), to, n);
  }
};

}  // namespace backprove
