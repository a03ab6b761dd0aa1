#pragma once

#include "core/promotion.hpp"
#include "core/scalars/dual.hpp"

namespace backprove {

/// One layer's Jacobians written out, sample by sample: dy/dx (n_out x n_in) and dy/dtheta (n_out x P).
template <class T>
struct WrittenJacobians {
  std::vector<Matrix<T>> by_input, by_parameters;
};

/// The tangent of a dual number; other scalars with tangents have an overload of their own.
template <class T>
const T& tangent_of(const Dual<T, 1>& x) {
  return x.tangent[0];
}

/// y_dot = dy/dx x_dot + dy/dtheta theta_dot for every sample, by one evaluation of the layer's value in the dual
/// scalar D.
template <class D, class L, class T>
void push_tangent(const L& layer, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot, Out<T> y_dot) {
  Vector<D> theta(p.theta.size());
  Matrix<D> x(p.x.rows(), p.x.cols()), y(y_dot.rows(), y_dot.cols());
  for (Index k = 0; k < theta.size(); ++k) theta(k) = D(p.theta(k), {theta_dot(k)});
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = D(p.x.data()[i], {x_dot.data()[i]});
  Vector<D> workspace(layer.workspace() * p.x.cols());
  const Matrix<D>&entering = x, &leaving = y;
  layer.value(At<D>{view(std::as_const(theta)), view(entering), view(leaving), view(workspace)}, view(y));
  for (Index i = 0; i < y.size(); ++i) y_dot.data()[i] = tangent_of(y.data()[i]);
}

/// The derivatives of single layers that the other strategies than reverse mode multiply, so that those of one layer
/// can be replaced.
template <class T>
class LayerMaps {
 public:
  virtual ~LayerMaps() = default;
  virtual WrittenJacobians<T> jacobians(const Network& network, Index l, const At<T>& p) const {
    return std::visit(
        [&](const auto& layer) {
          WrittenJacobians<T> all;
          const auto by_input = layer.d_input(p);
          const auto by_parameters = layer.d_params(p);
          for (Index s = 0; s < p.x.cols(); ++s) {
            all.by_input.push_back(by_input.dense(s));
            all.by_parameters.push_back(by_parameters.dense(s));
          }
          return all;
        },
        network.layer(l));
  }
  virtual void tangent(const Network& network, Index l, const At<T>& p, In<T> x_dot, ParamsIn<T> theta_dot,
                       Out<T> y_dot) const {
    std::visit([&](const auto& layer) { push_tangent<Dual<T, 1>>(layer, p, x_dot, theta_dot, y_dot); },
               network.layer(l));
  }
};

/// out (+)= J^T g.
template <class T>
void pull(const Matrix<T>& jacobian, In<T> g, Out<T> out, bool accumulate) {
  if (jacobian.size() > 0) product<T>(Op::transposed, view(jacobian), Op::plain, g, out, accumulate);
}

/// The gradient by multiplying the written Jacobians from the loss down.
template <class T>
Gradient<T> gradient_by_jacobians(const Problem<T>& problem, bool with_input, const LayerMaps<T>& maps) {
  const Network& network = problem.network;
  const Index batch = problem.batch();
  Gradient<T> gradient;
  gradient.resize(problem, with_input);
  gradient.parameters.setConstant(T(0));
  Vector<T> workspace = tape_of(problem, gradient.loss);
  const NetworkTape<T> tape = network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)});
  Matrix<T> g(network.outputs(), batch);
  problem.loss.template gradient<T>(tape.output(), problem.y, batch, view(g));
  for (Index l = network.size() - 1; l >= 0; --l) {
    const WrittenJacobians<T> written = maps.jacobians(network, l, tape.at(l));
    const Index inputs = network.width(l), parameters = network.parameters(l);
    Matrix<T> below(inputs, batch);
    for (Index s = 0; s < batch; ++s) {
      const In<T> from(g.data() + s * g.rows(), g.rows(), 1);
      pull<T>(written.by_parameters[static_cast<std::size_t>(s)], from,
              Out<T>(gradient.parameters.data() + network.offset(l), parameters, 1), true);
      pull<T>(written.by_input[static_cast<std::size_t>(s)], from, Out<T>(below.data() + s * inputs, inputs, 1), false);
    }
    g = std::move(below);
  }
  if (with_input) gradient.input = g;
  return gradient;
}

/// Forward mode, layer by layer: one tangent for every parameter, and one for every input feature of all samples.
template <class T>
class TangentSweep {
 public:
  TangentSweep(const Problem<T>& of, const LayerMaps<T>& with)
      : problem(of),
        network(of.network),
        maps(with),
        workspace(tape_of(of, loss)),
        tape(network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)})) {}

  Gradient<T> gradient(bool with_input) {
    Gradient<T> all;
    all.resize(problem, with_input);
    all.loss = loss;
    for (Index l = 0; l < network.size(); ++l)
      for (Index k = 0; k < network.parameters(l); ++k) {
        Vector<T> direction = Vector<T>::Constant(network.parameters(l), T(0));
        direction(k) = T(1);
        const Vector<T> by_sample = through(l, Matrix<T>::Constant(network.width(l), problem.batch(), T(0)), direction);
        T sum = by_sample(0);
        for (Index s = 1; s < by_sample.size(); ++s) sum += by_sample(s);
        all.parameters(network.offset(l) + k) = sum;
      }
    for (Index i = 0; i < all.input.rows(); ++i) {
      Matrix<T> direction = Matrix<T>::Constant(network.inputs(), problem.batch(), T(0));
      for (Index s = 0; s < problem.batch(); ++s) direction(i, s) = T(1);
      const Vector<T> none = Vector<T>::Constant(network.parameters(0), T(0));
      const Vector<T> by_sample = through(0, std::move(direction), none);
      for (Index s = 0; s < problem.batch(); ++s) all.input(i, s) = by_sample(s);
    }
    return all;
  }

 private:
  const Problem<T>& problem;
  const Network& network;
  const LayerMaps<T>& maps;
  T loss = T(0);
  Vector<T> workspace;
  NetworkTape<T> tape;

  /// The tangents of the samples' shares of the loss.
  Vector<T> through(Index from, Matrix<T> x_dot, const Vector<T>& theta_dot) {
    for (Index l = from; l < network.size(); ++l) {
      const Vector<T> own = l == from ? theta_dot : Vector<T>(Vector<T>::Constant(network.parameters(l), T(0)));
      Matrix<T> y_dot(network.width(l + 1), problem.batch());
      maps.tangent(network, l, tape.at(l), view(std::as_const(x_dot)), view(own), view(y_dot));
      x_dot = std::move(y_dot);
    }
    using D = Dual<T, 1>;
    Vector<T> shares(problem.batch());
    for (Index s = 0; s < shares.size(); ++s) {
      Vector<D> z(network.outputs());
      for (Index i = 0; i < z.size(); ++i) z(i) = D(tape.output()(i, s), {x_dot(i, s)});
      const D share = problem.loss.template sample<D>(z.data(), problem.y.data() + s * problem.y.rows(), z.size());
      shares(s) = problem.loss.template reduce<D>(share, problem.batch()).tangent[0];
    }
    return shares;
  }
};

}  // namespace backprove
