#include "core/kernels/fused_plan.hpp"

#include <algorithm>

#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/kernel.hpp"

namespace backprove {

namespace {

template <class L>
inline constexpr bool is_elementwise = requires {
  L::acts_elementwise;
};

/// A layer's own formulas, number by number, for rules that have no version of their own.
template <class T, class L>
struct OneByOne {
  static void value(const T* x, T* y, Index n) {
    L layer;
    layer.n = n;
    layer.template value<T>(point(x, y, n), Out<T>(y, n, 1));
  }
  static void pull(SweepBy by, const T* g, const T* x, const T* y, T* out, Index n) {
    if (by == SweepBy::jacobians) {
      for (Index i = 0; i < n; ++i) out[i] = g[i] * L::template slope<T>(x[i], y[i]);
      return;
    }
    L layer;
    layer.n = n;
    layer.template vjp<T>(point(x, y, n), In<T>(g, n, 1), Out<T>(out, n, 1), ParamsOut<T>(nullptr, 0));
  }
  static constexpr ArrayRule<T> rule{L::name, value, pull, true, {}, {}, nullptr, nullptr};

 private:
  static At<T> point(const T* x, const T* y, Index n) {
    return {ParamsIn<T>(nullptr, 0), In<T>(x, n, 1), In<T>(y, n, 1), ParamsOut<T>(nullptr, 0)};
  }
};

template <class T, class L>
const ArrayRule<T>* rule_of(const Primitives<T>& fast) {
  for (Index k = 0; k < fast.rule_count; ++k)
    if (fast.rules[k].name == L::name) return &fast.rules[k];
  return &OneByOne<T, L>::rule;
}

}  // namespace

std::string beyond_kernels(const Network& network) {
  std::string reason;
  for (Index l = 0; l < network.size(); ++l)
    std::visit(
        [&]<class L>(const L& layer) {
          if constexpr (!std::is_same_v<L, Affine> && !is_elementwise<L>)
            if (reason.empty()) reason = "kernels know affine and elementwise layers, not " + layer.text();
        },
        network.layer(l));
  return reason;
}

template <class T>
std::vector<FusedStep<T>> fused_steps(const Network& network, const Primitives<T>& fast) {
  std::vector<FusedStep<T>> steps;
  for (Index l = 0; l < network.size(); ++l)
    std::visit(
        [&]<class L>(const L&) {
          FusedStep<T> step;
          step.n_in = network.width(l);
          step.n_out = network.width(l + 1);
          step.offset = network.offset(l);
          if constexpr (std::is_same_v<L, Affine>) {
            step.affine = l;
            steps.push_back(step);
          } else if constexpr (is_elementwise<L>) {
            const bool behind = !steps.empty() && steps.back().has_affine() && steps.back().elementwise < 0;
            if (!behind) steps.push_back(step);
            steps.back().elementwise = l;
            steps.back().rule = rule_of<T, L>(fast);
          }
        },
        network.layer(l));
  return steps;
}

template std::vector<FusedStep<float>> fused_steps(const Network&, const Primitives<float>&);
template std::vector<FusedStep<double>> fused_steps(const Network&, const Primitives<double>&);

}  // namespace backprove
