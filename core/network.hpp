#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/layer.hpp"
#include "generated/layers.hpp"

namespace backprove {

template <class T>
class NetworkTape;

/// Layers one after the other. Parameters are stored layer by layer in the text's order.
class Network {
 public:
  /// Reads the text form, e.g. "affine(64,32) tanh affine(32,10)". `width` is the width that enters, 0 if the first
  /// layer decides. Throws std::invalid_argument that names the offending layer, what it expects and what it got.
  static Network parse(std::string_view text);
  static Network build(const std::vector<Piece>& pieces, Index width = 0, const std::string& inside = "");

  Index size() const { return static_cast<Index>(layers.size()); }
  const AnyLayer& layer(Index l) const { return layers[static_cast<std::size_t>(l)]; }
  Index inputs() const { return width(0); }
  Index outputs() const { return width(size()); }
  /// Width before layer l; width(size()) is the network's.
  Index width(Index l) const { return widths[static_cast<std::size_t>(l)]; }
  Index max_width() const;
  Index parameters() const { return offsets.back(); }
  Index parameters(Index l) const { return offset(l + 1) - offset(l); }
  /// Where layer l's parameters begin.
  Index offset(Index l) const { return offsets[static_cast<std::size_t>(l)]; }
  /// The lowest layer with parameters; size() if there is none.
  Index first_parameters() const;
  /// Number of layers that have parameters, the paper's L.
  Index depth() const;
  /// The canonical text form.
  std::string text() const;
  /// Empty, or "tanh needs tanh"-like: the first layer that rational numbers cannot evaluate, and why.
  std::string irrational() const;
  /// Multiplications of one sample's value.
  double multiplications() const;
  double multiplications(Index l) const;
  /// What layer l's structured Jacobians hold, in scalars a sample.
  JacobianSizes jacobian_sizes(Index l) const;
  /// Scalars of tape a sample, for every layer's output and workspace and for two cotangents.
  Index workspace() const { return regions.back() + 2 * max_width(); }
  /// Scalars a sample before layer l's output.
  Index region(Index l) const { return regions[static_cast<std::size_t>(l)]; }
  void initialise(Initialiser& random, ParamsOut<double> theta) const;

  /// The tape on p.theta, p.x and p.workspace (workspace() scalars a sample), to be filled by forward().
  template <class T>
  NetworkTape<T> tape(const At<T>& p) const {
    return {*this, p};
  }

 private:
  std::vector<AnyLayer> layers;
  std::vector<Index> widths, offsets, regions;
};

/// A network's activations for one batch, in memory that somebody else owns; borrowed by everything made from it.
template <class T>
class NetworkTape {
 public:
  NetworkTape(const Network& of, const At<T>& p) : network(of), point(p) {}

  Index size() const { return network.size(); }
  Index batch() const { return point.x.cols(); }
  /// What enters layer l (width(l) x B); input(size()) is the output.
  Out<T> input(Index l) const {
    T* data = l == 0 ? const_cast<T*>(point.x.data()) : memory() + network.region(l - 1) * batch();  // NOLINT
    return Out<T>(data, network.width(l), batch());
  }
  In<T> output() const { return in(size()); }
  At<T> at(Index l) const {
    T* workspace = memory() + (network.region(l) + network.width(l + 1)) * batch();
    const Index length = (network.region(l + 1) - network.region(l) - network.width(l + 1)) * batch();
    return {ParamsIn<T>(point.theta.data() + network.offset(l), network.parameters(l)), in(l), in(l + 1),
            ParamsOut<T>(workspace, length)};
  }
  /// Evaluates the layers [from, to); what enters `from` must be there.
  void forward(Index from, Index to) const {
    for (Index l = from; l < to; ++l)
      std::visit([&](const auto& layer) { layer.value(at(l), input(l + 1)); }, network.layer(l));
  }
  void forward() const { forward(0, size()); }
  Jacobian<T> d_input(Index l) const {
    return std::visit([&](const auto& layer) { return Jacobian<T>(layer.d_input(at(l))); }, network.layer(l));
  }
  Jacobian<T> d_params(Index l) const {
    return std::visit([&](const auto& layer) { return Jacobian<T>(layer.d_params(at(l))); }, network.layer(l));
  }
  /// The input Jacobians of the layers [from, size()).
  std::vector<Jacobian<T>> input_jacobians(Index from) const {
    std::vector<Jacobian<T>> all;
    for (Index l = from; l < size(); ++l) all.push_back(d_input(l));
    return all;
  }
  void vjp(Index l, In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) const {
    const ParamsOut<T> own(theta_bar.data() + network.offset(l), network.parameters(l));
    std::visit([&](const auto& layer) { layer.vjp(at(l), y_bar, x_bar, own); }, network.layer(l));
  }
  /// Reverse sweep: x_bar (unless empty) = (dy/dx)^T y_bar, theta_bar += sum over samples. y_bar may be
  /// cotangent(size()).
  void backward(In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) const {
    const bool want_input = x_bar.size() > 0;
    const Index first = want_input ? 0 : network.first_parameters();
    for (Index l = size() - 1; l >= first; --l) {
      const In<T> above = l == size() - 1 ? y_bar : as_in(cotangent(l + 1));
      Out<T> below = l == 0 ? x_bar : cotangent(l);
      if (l == first && !want_input) new (&below) Out<T>(nullptr, 0, 0);
      vjp(l, above, below, theta_bar);
    }
  }
  /// Room for the cotangent of what enters layer l; neighbours do not overlap.
  Out<T> cotangent(Index l) const {
    const Index at = (network.workspace() - (l % 2 + 1) * network.max_width()) * batch();
    return Out<T>(memory() + at, network.width(l), batch());
  }
  void branches(BranchSignature& signature, Index from = 0) const {
    for (Index l = from; l < size(); ++l)
      std::visit([&](const auto& layer) { layer.branches(at(l), signature); }, network.layer(l));
  }

 private:
  const Network& network;
  At<T> point;

  static In<T> as_in(const Out<T>& m) { return In<T>(m.data(), m.rows(), m.cols()); }
  In<T> in(Index l) const { return as_in(input(l)); }
  T* memory() const { return ParamsOut<T>(point.workspace).data(); }
};

}  // namespace backprove
