#pragma once

#include <array>
#include <concepts>

#include "verify/stage/record.hpp"

/// A mutant is a reverse step with one deliberate bug. One file of verify/mutants is one mutant, a type with
///   name, what            its name, and what is wrong, for people
///   report                the public report that it re-enacts, or ""
///   hint                  a word of the pattern that the verifier should name, or ""
///   equivalent            "", or the proof that it computes the right gradient after all
/// and, for layers,
///   applies<L>            whether it makes sense for layer L
///   fits(layer, batch)    (optional) whether its effect shows for these sizes
///   step<T>(layer, s)     the wrong reverse step
/// or, for losses,
///   applies_to_loss<K>    whether it makes sense for loss K
///   loss<T>(loss, z, y, batch, g)
/// or, for whole sweeps, the former and
///   sweep<T>              a type derived from Mutated<the mutant, T>, with whatever state the bug needs
/// Mutants of other paths than reverse mode: path_mutant.hpp.
namespace backprove {

/// What a reverse step gets and writes; see LayerAt.
template <class T>
struct Step {
  const At<T>& p;
  In<T> y_bar;
  Out<T> x_bar;
  ParamsOut<T> theta_bar;

  Index samples() const { return y_bar.cols(); }
};

/// Base of a layer mutant; unless it says otherwise it applies to every layer.
struct LayerMutant {
  static constexpr std::string_view report = "", hint = "", equivalent = "";
  template <class L>
  static constexpr bool applies = true;
  template <class K>
  static constexpr bool applies_to_loss = false;
};
struct LossMutant {
  static constexpr std::string_view report = "", hint = "", equivalent = "";
  template <class L>
  static constexpr bool applies = false;
  template <class K>
  static constexpr bool applies_to_loss = true;
};

template <class L>
concept ElementwiseLayer = requires {
  L::loses_digits;
};
template <class L>
concept HasParameters = requires(const L& layer) {
  layer.parameter_parts();
};

/// The right step. A call, so that the layer's formulas are compiled once and not into every mutant.
template <class T, class L>
[[gnu::noinline]] void right_step(const L& layer, const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) {
  layer.vjp(p, y_bar, x_bar, theta_bar);
}

/// The right step, then `edit(x_bar, theta_bar)` on its results; x_bar may be empty.
template <class T, class L, class F>
void edited_step(const L& layer, const Step<T>& s, F&& edit) {
  Matrix<T> x_bar(s.x_bar.rows(), s.x_bar.cols());
  Vector<T> theta_bar = Vector<T>::Zero(s.theta_bar.size());
  right_step<T>(layer, s.p, s.y_bar, view(x_bar), view(theta_bar));
  edit(x_bar, theta_bar);
  Out<T>(s.x_bar) = x_bar;
  ParamsOut<T>(s.theta_bar) += theta_bar;
}

/// The right step for another cotangent.
template <class T, class L>
void step_with_cotangent(const L& layer, const Step<T>& s, const Matrix<T>& y_bar) {
  right_step<T>(layer, s.p, view(y_bar), s.x_bar, s.theta_bar);
}

/// The step of an elementwise layer with another slope, slope(x, y).
template <class T, class F>
void step_with_slope(const Step<T>& s, F&& slope) {
  Out<T> x_bar = s.x_bar;
  for (Index i = 0; i < x_bar.size(); ++i)
    x_bar.data()[i] = s.y_bar.data()[i] * slope(s.p.x.data()[i], s.p.y.data()[i]);
}

/// The step of a layer norm with another input gradient: formula(centred, h, h_bar, r) for every sample, where
/// h = r centred is the normalised input, r = 1/sqrt(var + eps), and h_bar = gain y_bar.
template <class T, class F>
void norm_step(const LayerNorm& layer, const Step<T>& s, F&& formula) {
  edited_step(layer, s, [&](Matrix<T>& x_bar, Vector<T>&) {
    for (Index j = 0; j < x_bar.cols(); ++j) {
      const Vector<T> x = s.p.x.col(j), centred = x.array() - x.mean();
      const T r = T(1) / std::sqrt(centred.squaredNorm() / static_cast<T>(layer.n) + T(1e-5));
      const Vector<T> h = r * centred, h_bar = s.p.theta.head(layer.n).cwiseProduct(s.y_bar.col(j));
      x_bar.col(j) = formula(centred, h, h_bar, r);
    }
  });
}

/// The right gradient of a loss, then `edit(g)`.
template <class T, class F>
void edited_loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g, F&& edit) {
  loss.gradient<T>(z, y, batch, g);
  edit(g);
}

/// The sweep with the mutant at one stage (layer `stage`, or the loss if stage is the number of layers).
template <class M, class T>
class Mutated : public ReverseSteps<T> {
 public:
  explicit Mutated(Index at) : stage(at) {}

  void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) const override {
    const LossStep mutated = by_loss(loss.kind)[loss.kind.index()];
    mutated ? mutated(loss, z, y, batch, g) : ReverseSteps<T>::loss(loss, z, y, batch, g);
  }
  void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
             ParamsOut<T> theta_bar) const override {
    const AnyLayer& one = network.layer(l);
    const LayerStep mutated = l == stage ? by_layer(one)[one.index()] : nullptr;
    mutated ? mutated(one, {p, y_bar, x_bar, theta_bar})
            : ReverseSteps<T>::layer(network, l, p, y_bar, x_bar, theta_bar);
  }

 protected:
  const Index stage;

 private:
  // Tables by the variants' indices, with nullptr where the mutant does not apply: a visit of every mutant, and of
  // every layer in it, would take most of this file's time to compile.
  using LossStep = void (*)(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g);
  using LayerStep = void (*)(const AnyLayer& layer, const Step<T>& s);

  template <class... K>
  static std::array<LossStep, sizeof...(K)> by_loss(const std::variant<K...>&) {
    return {loss_step<K>()...};
  }
  template <class... L>
  static std::array<LayerStep, sizeof...(L)> by_layer(const std::variant<L...>&) {
    return {layer_step<L>()...};
  }
  template <class K>
  static LossStep loss_step() {
    if constexpr (M::template applies_to_loss<K>)
      return M::template loss<T>;
    else
      return nullptr;
  }
  template <class L>
  static LayerStep layer_step() {
    if constexpr (M::template applies<L>)
      return [](const AnyLayer& layer, const Step<T>& s) { M::template step<T>(std::get<L>(layer), s); };
    else
      return nullptr;
  }
};

}  // namespace backprove
