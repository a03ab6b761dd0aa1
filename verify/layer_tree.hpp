#pragma once

#include "core/network.hpp"

namespace backprove {

/// Something for every layer of a network, and for those inside its residuals.
template <class M>
struct LayerTree {
  M own;
  std::vector<LayerTree> inside;
};

/// Whether the layer's slope jumps at 0, so that it has a set of subderivatives there.
inline bool has_kink(const AnyLayer& layer) {
  return std::visit(
      []<class L>(const L&) {
        if constexpr (requires { L::slope_jumps; })
          return L::slope_jumps;
        else
          return false;
      },
      layer);
}

inline bool has_kink(const Network& network) {
  for (Index l = 0; l < network.size(); ++l) {
    const auto* residual = std::get_if<Residual>(&network.layer(l));
    if (has_kink(network.layer(l)) || (residual && has_kink(*residual->body))) return true;
  }
  return false;
}

/// f(what enters it) for every layer with a kink, the layers inside residuals included; M() for the others. The tape
/// must have been filled.
template <class M, class T, class F>
std::vector<LayerTree<M>> at_kinks(const Network& network, const NetworkTape<T>& tape, F&& f) {
  std::vector<LayerTree<M>> all(static_cast<std::size_t>(network.size()));
  for (Index l = 0; l < network.size(); ++l) {
    LayerTree<M>& tree = all[static_cast<std::size_t>(l)];
    if (has_kink(network.layer(l))) tree.own = f(tape.input(l));
    if (const auto* residual = std::get_if<Residual>(&network.layer(l)))
      tree.inside = at_kinks<M>(*residual->body, residual->body->template tape<T>(tape.at(l)), f);
  }
  return all;
}

/// An empty tree of the same form.
template <class M, class A>
std::vector<LayerTree<M>> same_tree(const std::vector<LayerTree<A>>& trees) {
  std::vector<LayerTree<M>> same(trees.size());
  for (std::size_t l = 0; l < trees.size(); ++l) same[l].inside = same_tree<M>(trees[l].inside);
  return same;
}

/// f(a, b) for the contents of two trees of one network.
template <class A, class B, class F>
void for_each_pair(std::vector<LayerTree<A>>& a, const std::vector<LayerTree<B>>& b, F&& f) {
  for (std::size_t l = 0; l < a.size(); ++l) {
    f(a[l].own, b[l].own);
    for_each_pair(a[l].inside, b[l].inside, f);
  }
}

}  // namespace backprove
