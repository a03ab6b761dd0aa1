#pragma once

#include "verify/mutation/bent_dual.hpp"
#include "verify/mutation/mutant.hpp"
#include "verify/mutation/path.hpp"

/// Mutants of other paths to the gradient than the reverse step. Like those of mutant.hpp they have name, what, report
/// and hint; `replaces` is the strategy that should be named as the outlier. One derives from
///   JacobianMutant  and has edit<T>(layer, p, written): spoils a layer's Jacobians, written out for every sample;
///   TangentMutant   and has tangent<T>(layer, p, x_dot, theta_dot, y_dot): a wrong forward-mode step of a layer;
///   DualRuleMutant  and hides one of DualRules: a wrong rule of the dual numbers, in every layer that uses it;
///   StrategyMutant  and has replaces and prepare<T>(problem, options): a whole strategy.
namespace backprove {

struct PathMutant : LayerMutant {
  static bool applies_to_network(const Network&) { return false; }
};

struct JacobianMutant : PathMutant {
  static constexpr std::string_view replaces = "jacobian_structured";
};

struct TangentMutant : PathMutant {
  static constexpr std::string_view replaces = "forward_mode";
};

/// M is the mutant itself.
template <class M>
struct DualRuleMutant : TangentMutant, DualRules {
  template <class T, class L>
  static void tangent(const L& layer, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot, Out<T> y_dot) {
    push_tangent<BentDual<T, M>>(layer, p, x_dot, theta_dot, y_dot);
  }
};

struct StrategyMutant : PathMutant {
  template <class L>
  static constexpr bool applies = false;
  static bool applies_to_network(const Network&) { return true; }
};

/// The lowest layer but the first whose output is as wide as its input; 0 if there is none below the last.
inline Index layer_of_kept_width(const Network& network) {
  for (Index l = 1; l + 1 < network.size(); ++l)
    if (network.width(l) == network.width(l + 1)) return l;
  return 0;
}
inline bool widths_are_equal(const Network& network) {
  for (Index l = 0; l < network.size(); ++l)
    if (network.width(l) != network.width(l + 1)) return false;
  return true;
}

template <class M>
concept MutatesPath = std::derived_from<M, PathMutant>;
template <class M>
concept MutatesJacobians = std::derived_from<M, JacobianMutant>;
template <class M>
concept MutatesTangents = std::derived_from<M, TangentMutant>;
template <class M>
concept MutatesStrategy = std::derived_from<M, StrategyMutant>;

/// The layers' maps with the mutant at layer `stage`.
template <class M, class T>
class MutatedMaps : public LayerMaps<T> {
 public:
  explicit MutatedMaps(Index at) : stage(at) {}

  WrittenJacobians<T> jacobians(const Network& network, Index l, const At<T>& p) const override {
    WrittenJacobians<T> written = LayerMaps<T>::jacobians(network, l, p);
    if constexpr (MutatesJacobians<M>)
      if (l == stage) std::visit([&](const auto& layer) { edit(layer, p, written); }, network.layer(l));
    return written;
  }
  void tangent(const Network& network, Index l, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot,
               Out<T> y_dot) const override {
    LayerMaps<T>::tangent(network, l, p, x_dot, theta_dot, y_dot);
    if constexpr (MutatesTangents<M>)
      if (l == stage) std::visit([&](const auto& layer) { push(layer, p, x_dot, theta_dot, y_dot); }, network.layer(l));
  }

 private:
  Index stage;

  template <class L>
  static void edit(const L& layer, const At<T>& p, WrittenJacobians<T>& written) {
    if constexpr (M::template applies<L>) M::template edit<T>(layer, p, written);
  }
  template <class L>
  static void push(const L& layer, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot, Out<T> y_dot) {
    if constexpr (M::template applies<L>) M::template tangent<T>(layer, p, x_dot, theta_dot, y_dot);
  }
};

/// A strategy with a bug.
template <class M, class T>
class MutatedStrategy : public Path<T> {
 public:
  Vote vote(const HostFacts<T>& facts) const override {
    const Problem<T> problem = facts.problem();
    Gradient<T> gradient;
    gradient.resize(problem, facts.host.input_gradient);
    M::template prepare<T>(problem, facts.options())(gradient);
    return vote_of(facts, M::replaces, outcome_of(gradient));
  }
};

/// The path with the mutant at `stage`.
template <class M, class T>
std::unique_ptr<Path<T>> mutated_path(Index stage) {
  if constexpr (MutatesStrategy<M>)
    return std::make_unique<MutatedStrategy<M, T>>();
  else if constexpr (MutatesJacobians<M>)
    return std::make_unique<JacobianPath<T>>(std::make_unique<MutatedMaps<M, T>>(stage));
  else
    return std::make_unique<TangentPath<T>>(std::make_unique<MutatedMaps<M, T>>(stage));
}

}  // namespace backprove
