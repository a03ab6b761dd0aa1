#pragma once

#include <fmt/format.h>

#include <memory>

#include "core/layer.hpp"

namespace backprove {

class Network;
template <class T>
class NetworkTape;

/// y = x + F(x; theta), F a sub-network of equal width; dy/dx = I + dF/dx, and theta is the sub-network's.
/// Kinks: those of the sub-network. The workspace holds the sub-network's activations, then two cotangents.
struct Residual {
  static constexpr std::string_view name = "residual";
  static constexpr std::string_view rational = "";  // the sub-network answers for itself
  static constexpr std::string_view example = "residual(affine(4,4) relu)";
  std::shared_ptr<const Network> body;

  static Residual make(const Piece& piece, Index width);
  Index inputs() const;
  Index outputs() const;
  Index parameters() const;
  Index workspace() const;
  double multiplications() const;
  JacobianSizes jacobian_sizes() const;
  std::string text() const;
  void initialise(Initialiser& random, ParamsOut<double> theta) const;

  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    const NetworkTape<T> tape = tape_on(*this, p);
    tape.forward();
    const In<T> end = tape.output();
    const Tally<T> tally(Term::value);
    for (Index i = 0; i < y.size(); ++i) y.data()[i] = p.x.data()[i] + end.data()[i];
  }
  template <class T>
  IdentityPlus<T> d_input(const At<T>& p) const {
    return {{ProductOf<T>{tape_on(*this, p).input_jacobians(0)}}};
  }
  /// [ J_k ... J_2 D_1 | ... | D_k ], each product kept as its factors.
  template <class T>
  Beside<T> d_params(const At<T>& p) const {
    const NetworkTape<T> tape = tape_on(*this, p);
    Beside<T> all{{}, outputs()};
    for (Index l = 0; l < tape.size(); ++l) {
      std::vector<Jacobian<T>> factors{tape.d_params(l)};
      for (Index k = l + 1; k < tape.size(); ++k) factors.push_back(tape.d_input(k));
      all.parts.push_back(ProductOf<T>{std::move(factors)});
    }
    return all;
  }
  /// y = x + F(x):  x_bar = y_bar + (dF/dx)^T y_bar.
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) const {
    tape_on(*this, p).backward(y_bar, x_bar, theta_bar);
    const Tally<T> tally(Term::diagonal);
    for (Index i = 0; i < x_bar.size(); ++i) x_bar.data()[i] += y_bar.data()[i];
  }
  template <class T>
  void branches(const At<T>& p, BranchSignature& signature) const {
    tape_on(*this, p).branches(signature);
  }

 private:
  /// The sub-network's tape; a template in Self, since Network is not complete here.
  template <class Self, class T>
  static NetworkTape<T> tape_on(const Self& self, const At<T>& p) {
    return self.body->tape(p);
  }
};

}  // namespace backprove
