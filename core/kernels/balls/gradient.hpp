#pragma once

#include <arb_mat.h>

#include "core/kernels/balls/ball.hpp"
#include "core/scalars/dual.hpp"
#include "core/taped_gradient.hpp"

namespace backprove {

/// A matrix of Arb's on numbers that somebody else owns, stored column by column: their transpose, since Arb stores row
/// by row. Neither allocates nor frees a ball.
class ArbView {
 public:
  ArbView(const Ball* numbers, Index rows, Index columns) : pointers(static_cast<std::size_t>(columns)) {
    // Ball is nothing but an arb_t, and Arb's matrices are written through the same pointers that they are read by.
    arb_ptr first = const_cast<Ball*>(numbers)->get();  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    for (std::size_t j = 0; j < pointers.size(); ++j) pointers[j] = first + static_cast<slong>(j) * rows;
    matrix = {first, columns, rows, pointers.data()};
  }
  ArbView(const Matrix<Ball>& m) : ArbView(m.data(), m.rows(), m.cols()) {}  // NOLINT(google-explicit-constructor)

  /// This = A B.
  void product(const ArbView& a, const ArbView& b) { arb_mat_mul(&matrix, &a.matrix, &b.matrix, Ball::bits()); }

 private:
  std::vector<arb_ptr> pointers;
  arb_mat_struct matrix;
};
static_assert(sizeof(Ball) == sizeof(arb_t));

/// The gradient by whole batches in balls. It trusts the values of layers and losses alone, as the tape does: an affine
/// layer's products are written here, an elementwise layer's slopes come from its value in dual numbers, and everything
/// else goes through the tape sample by sample.
class BallGradient {
 public:
  explicit BallGradient(const Problem<double>& of)
      : problem(of), network(of.network), theta(promoted<Ball>(of.theta)), weights(count()) {
    for (Index l = 0; l < network.size(); ++l)
      if (const auto* affine = std::get_if<Affine>(&network.layer(l)))
        weights[at(l)] =
            Eigen::Map<const Matrix<Ball>>(theta.data() + network.offset(l), affine->n_in, affine->n_out).transpose();
  }

  /// Adds the samples [begin, end): theta_bar, which is 0 before, and the columns of `input` (unless empty). Returns
  /// the sum of the losses.
  Ball run(Index begin, Index end, Vector<Ball>& theta_bar, Matrix<Ball>& input) const {
    const Index samples = end - begin;
    std::vector<Matrix<Ball>> x(count() + 1), slopes(count());
    x[0] = promoted<Ball>(In<double>(problem.x.data() + begin * network.inputs(), network.inputs(), samples));
    for (Index l = 0; l < network.size(); ++l) {
      x[at(l + 1)].resize(network.width(l + 1), samples);
      visit(l, [&](const auto& layer) { forward(layer, l, x[at(l)], x[at(l + 1)], slopes[at(l)]); });
    }
    Matrix<Ball> y_bar(network.outputs(), samples);
    Ball total(0);
    TapedStep<Ball> step;
    for (Index s = 0; s < samples; ++s)
      total += step.loss(problem.loss, column(x.back(), s), problem.y.data() + (begin + s) * problem.y.rows(),
                         problem.batch(), ParamsOut<Ball>(y_bar.data() + s * y_bar.rows(), y_bar.rows()));
    const Index first = input.size() > 0 ? 0 : network.first_parameters();
    for (Index l = network.size() - 1; l >= first; --l) {
      Matrix<Ball> x_bar(network.width(l), samples);
      const ParamsOut<Ball> own(theta_bar.data() + network.offset(l), network.parameters(l));
      visit(l, [&](const auto& layer) { backward(layer, l, x[at(l)], slopes[at(l)], y_bar, x_bar, own); });
      y_bar = std::move(x_bar);
    }
    if (input.size() > 0) input.middleCols(begin, samples) = y_bar;
    return total;
  }

 private:
  using Tangent = Dual<Ball, 1>;
  const Problem<double>& problem;
  const Network& network;
  Vector<Ball> theta;
  std::vector<Matrix<Ball>> weights;  ///< of affine layers, n_out x n_in

  static std::size_t at(Index l) { return static_cast<std::size_t>(l); }
  std::size_t count() const { return at(network.size()); }
  template <class F>
  void visit(Index l, F&& f) const {
    std::visit(f, network.layer(l));
  }
  ParamsIn<Ball> own_parameters(Index l) const {
    return ParamsIn<Ball>(theta.data() + network.offset(l), network.parameters(l));
  }
  static In<Ball> column(const Matrix<Ball>& m, Index s) { return In<Ball>(m.data() + s * m.rows(), m.rows(), 1); }

  /// Y = W^T X + b: in Arb's rows, Y^T = X^T W.
  void forward(const Affine& layer, Index l, const Matrix<Ball>& x, Matrix<Ball>& y, Matrix<Ball>&) const {
    ArbView(y).product(x, weights[at(l)]);
    const Ball* bias = theta.data() + network.offset(l) + layer.n_in * layer.n_out;
    for (Index s = 0; s < y.cols(); ++s)
      for (Index j = 0; j < y.rows(); ++j) y(j, s) += bias[j];
  }
  /// The value, and for an elementwise layer its slope by dual numbers.
  template <class L>
  void forward(const L& layer, Index l, const Matrix<Ball>& x, Matrix<Ball>& y, Matrix<Ball>& slopes) const {
    if constexpr (requires { L::acts_elementwise; }) {
      const Matrix<Tangent> in = x.unaryExpr([](const Ball& v) { return Tangent(v, {Ball(1)}); });
      Matrix<Tangent> out(y.rows(), y.cols());
      Vector<Tangent> none;
      layer.value(At<Tangent>{view(std::as_const(none)), view(in), view(std::as_const(out)), view(none)}, view(out));
      slopes.resize(y.rows(), y.cols());
      for (Index i = 0; i < out.size(); ++i) {
        y.data()[i] = std::move(out.data()[i].value);
        slopes.data()[i] = std::move(out.data()[i].tangent[0]);
      }
    } else {
      Vector<Ball> workspace(layer.workspace() * x.cols());
      layer.value(At<Ball>{own_parameters(l), view(x), view(std::as_const(y)), view(workspace)}, view(y));
    }
  }

  /// Y = W^T X + b:  X_bar = W Y_bar, W_bar = X Y_bar^T, b_bar = the sum of Y_bar's columns; in Arb's rows
  /// X_bar^T = Y_bar^T W^T and W_bar^T = Y_bar X^T.
  void backward(const Affine& layer, Index l, const Matrix<Ball>& x, const Matrix<Ball>&, const Matrix<Ball>& y_bar,
                Matrix<Ball>& x_bar, ParamsOut<Ball> own) const {
    const Matrix<Ball> samples_first = y_bar.transpose();
    ArbView(own.data(), layer.n_in, layer.n_out).product(samples_first, x);
    Ball* bias = own.data() + layer.n_in * layer.n_out;
    for (Index s = 0; s < y_bar.cols(); ++s)
      for (Index j = 0; j < y_bar.rows(); ++j) bias[j] += y_bar(j, s);
    ArbView(x_bar).product(y_bar, ArbView(theta.data() + network.offset(l), layer.n_in, layer.n_out));
  }
  template <class L>
  void backward(const L& layer, Index l, const Matrix<Ball>& x, const Matrix<Ball>& slopes, const Matrix<Ball>& y_bar,
                Matrix<Ball>& x_bar, ParamsOut<Ball> own) const {
    if constexpr (requires { L::acts_elementwise; }) {
      for (Index i = 0; i < x_bar.size(); ++i) x_bar.data()[i] = y_bar.data()[i] * slopes.data()[i];
    } else {
      TapedStep<Ball> step;
      for (Index s = 0; s < x.cols(); ++s)
        x_bar.col(s) = step.layer(layer, own_parameters(l), column(x, s),
                                  ParamsIn<Ball>(y_bar.data() + s * y_bar.rows(), y_bar.rows()), own);
    }
  }
};

}  // namespace backprove
