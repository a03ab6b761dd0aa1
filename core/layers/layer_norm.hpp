#pragma once

#include <fmt/format.h>

#include "core/layer.hpp"

namespace backprove {

/// y = gain * h + shift, h = (x - mean x) / sqrt(var x + eps), eps = 1/100000 and the biased variance, over the
/// features of each sample. The parameters are the gain (n), then the shift (n). With r = 1/sqrt(var + eps):
///   dy/dx = diag(gain r) - (gain r)/n (1 1^T + h h^T),  dy/dgain = diag(h),  dy/dshift = I.
/// Kinks: none. For width 1 the derivative by x is 0. Cancellation: x - mean, as in every two-pass form.
struct LayerNorm : Smooth {
  static constexpr std::string_view name = "layer_norm";
  static constexpr std::string_view rational = "sqrt";
  static constexpr std::string_view example = "layer_norm";
  Index n = 0;

  static LayerNorm make(const Piece& piece, Index width) {
    LayerNorm layer;
    layer.n = kept_width(piece, width);
    return layer;
  }
  Index inputs() const { return n; }
  Index outputs() const { return n; }
  Index parameters() const { return 2 * n; }
  /// h (n x B), then r (B), written by `value`.
  Index workspace() const { return n + 1; }
  double multiplications() const { return 3.0 * static_cast<double>(n); }
  /// The diagonal and two outer products; h.
  JacobianSizes jacobian_sizes() const { return {5.0 * static_cast<double>(n), static_cast<double>(n)}; }
  std::string text() const { return fmt::format("layer_norm({})", n); }
  std::vector<ParameterPart> parameter_parts() const { return {{"gain", n, 1}, {"shift", n, 1}}; }
  void initialise(Initialiser& random, ParamsOut<double> theta) const {
    for (Index i = 0; i < n; ++i) theta(i) = 1 + 0.25 * random.uniform();
    for (Index i = 0; i < n; ++i) theta(n + i) = 0.25 * random.uniform();
  }

  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    using namespace math;
    const Tally<T> tally(Term::value);
    Out<T> h = normalised(p);
    for (Index s = 0; s < y.cols(); ++s) {
      T sum = p.x(0, s);
      for (Index i = 1; i < n; ++i) sum += p.x(i, s);
      const T mean = sum / T(static_cast<int>(n));
      T squares = T(0);
      for (Index i = 0; i < n; ++i) {
        h(i, s) = p.x(i, s) - mean;
        squares += h(i, s) * h(i, s);
      }
      const T deviation = squares / T(static_cast<int>(n));
      const T r = T(1) / sqrt(variance(deviation, mean, n) + T(1) / T(100000));
      inverse_deviation(p, s) = r;
      for (Index i = 0; i < n; ++i) {
        h(i, s) = h(i, s) * r;
        y(i, s) = p.theta(i) * h(i, s) + p.theta(n + i);
      }
    }
  }
  template <class T>
  DiagonalPlusLowRank<T> d_input(const At<T>& p) const {
    const Tally<T> tally(Term::slope);
    const Index batch = p.x.cols();
    const Out<T> h = normalised(p);
    DiagonalPlusLowRank<T> jacobian{2, Matrix<T>(n, batch), Matrix<T>(n, 2 * batch), Matrix<T>(n, 2 * batch)};
    for (Index s = 0; s < batch; ++s)
      for (Index i = 0; i < n; ++i) {
        const T scale = p.theta(i) * inverse_deviation(p, s), share = -scale / T(static_cast<int>(n));
        jacobian.d(i, s) = scale;
        jacobian.u(i, 2 * s) = share;
        jacobian.v(i, 2 * s) = T(1);
        jacobian.u(i, 2 * s + 1) = share;
        jacobian.u(i, 2 * s + 1) *= h(i, s);
        jacobian.v(i, 2 * s + 1) = h(i, s);
      }
    return jacobian;
  }
  template <class T>
  Beside<T> d_params(const At<T>& p) const {
    return {{Diagonal<T>{normalised(p)}, IdentityMap<T>{n}}, n};
  }
  /// y = gain * h + shift:  gain_bar += sum y_bar * h,  shift_bar += sum y_bar,  and with h_bar = gain * y_bar
  /// x_bar = r (h_bar - mean h_bar - h mean(h h_bar)).
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T> theta_bar) const {
    const Tally<T> tally(Term::diagonal);
    const Out<T> h = normalised(p);
    for (Index s = 0; s < y_bar.cols(); ++s)
      for (Index i = 0; i < n; ++i) {
        theta_bar(i) += y_bar(i, s) * h(i, s);
        theta_bar(n + i) += y_bar(i, s);
      }
    for (Index s = 0; s < x_bar.cols(); ++s) {
      T sum = T(0), projected = T(0);
      for (Index i = 0; i < n; ++i) {
        x_bar(i, s) = p.theta(i) * y_bar(i, s);
        sum += x_bar(i, s);
        projected += x_bar(i, s) * h(i, s);
      }
      const T mean = sum / T(static_cast<int>(n)), along = projected / T(static_cast<int>(n));
      for (Index i = 0; i < n; ++i) x_bar(i, s) = (x_bar(i, s) - mean - h(i, s) * along) * inverse_deviation(p, s);
    }
  }

 private:
  template <class T>
  Out<T> normalised(const At<T>& p) const {
    return Out<T>(workspace_of(p), n, p.x.cols());
  }
  template <class T>
  T& inverse_deviation(const At<T>& p, Index s) const {
    return workspace_of(p)[n * p.x.cols() + s];
  }
  /// The workspace stays writable although the point of evaluation is const.
  template <class T>
  static T* workspace_of(const At<T>& p) {
    return ParamsOut<T>(p.workspace).data();
  }
};

}  // namespace backprove
