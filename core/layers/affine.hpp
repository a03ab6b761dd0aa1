#pragma once

#include <fmt/format.h>

#include "core/layer.hpp"

namespace backprove {

/// y = W^T x + b, with W the paper's n_in x n_out matrix, one column per neuron. The parameters are Vec(W), its columns
/// stacked, then b. This is also PyTorch's order: a Linear layer's weight (n_out x n_in, row by row), then its bias.
struct Affine : Smooth {
  static constexpr std::string_view name = "affine";
  static constexpr std::string_view rational = "";
  static constexpr std::string_view example = "affine(4,3)";
  Index n_in = 0, n_out = 0;

  static Affine make(const Piece& piece, Index) {
    if (piece.numbers.size() != 2) throw std::invalid_argument("expects two numbers, as in affine(64,32)");
    Affine layer;
    layer.n_in = piece.numbers[0];
    layer.n_out = piece.numbers[1];
    return layer;
  }
  Index inputs() const { return n_in; }
  Index outputs() const { return n_out; }
  Index parameters() const { return n_in * n_out + n_out; }
  Index workspace() const { return 0; }
  double multiplications() const { return static_cast<double>(n_in) * static_cast<double>(n_out); }
  std::string text() const { return fmt::format("affine({},{})", n_in, n_out); }
  std::vector<ParameterPart> parameter_parts() const { return {{"weight", n_in, n_out}, {"bias", n_out, 1}}; }
  void initialise(Initialiser& random, ParamsOut<double> theta) const {
    random.weights(n_in, n_out, theta.data());
    for (Index j = 0; j < n_out; ++j) theta(n_in * n_out + j) = 0.1 * random.uniform();
  }

  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    const Tally<T> tally(Term::value);
    product<T>(Op::transposed, weight(p), Op::plain, p.x, y);
    const T* bias = p.theta.data() + n_in * n_out;
    for (Index s = 0; s < y.cols(); ++s)
      for (Index j = 0; j < n_out; ++j) y(j, s) += bias[j];
  }
  /// Parameter k feeds one output alone, output_of(k).
  Index output_of(Index k) const { return k < n_in * n_out ? k / n_in : k - n_in * n_out; }
  /// Output j of every sample (1 x B).
  template <class T>
  void one_output(const At<T>& p, Index j, Out<T> y) const {
    product<T>(Op::transposed, In<T>(p.theta.data() + j * n_in, n_in, 1), Op::plain, p.x, y);
    for (Index s = 0; s < y.cols(); ++s) y(0, s) += p.theta(n_in * n_out + j);
  }
  /// dy/dx = W^T.
  template <class T>
  Dense<T> d_input(const At<T>& p) const {
    return {weight(p)};
  }
  /// dy/dtheta = [I (x) x^T | I].
  template <class T>
  Beside<T> d_params(const At<T>& p) const {
    return {{Kronecker<T>{p.x, n_out}, IdentityMap<T>{n_out}}, n_out};
  }
  /// y = W^T x + b:  x_bar = W y_bar,  W_bar += X Y_bar^T,  b_bar += sum of y_bar.
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) const {
    {
      const Tally<T> tally(Term::product);
      if (x_bar.size() > 0) product<T>(Op::plain, weight(p), Op::plain, y_bar, x_bar);
    }
    {
      const Tally<T> tally(Term::parameter_factor);
      product<T>(Op::plain, p.x, Op::transposed, y_bar, Out<T>(theta_bar.data(), n_in, n_out), true);
    }
    const Tally<T> tally(Term::bias);
    sum_columns<T>(y_bar, ParamsOut<T>(theta_bar.data() + n_in * n_out, n_out));
  }

 private:
  template <class T>
  In<T> weight(const At<T>& p) const {
    return In<T>(p.theta.data(), n_in, n_out);
  }
};

}  // namespace backprove
