#pragma once

#include <fmt/format.h>

#include "core/layer.hpp"

namespace backprove {

/// y_i = (x_i - m) - log sum_j e^(x_j - m), m = max x taken as a constant, for each sample; dy/dx = I - 1 p^T with
/// p = softmax(x) = e^y. Kinks: none. No overflow.
struct LogSoftmax : Smooth, NoParameters {
  static constexpr std::string_view name = "log_softmax";
  static constexpr std::string_view rational = "exp";
  static constexpr std::string_view example = "log_softmax";
  Index n = 0;

  static LogSoftmax make(const Piece& piece, Index width) {
    LogSoftmax layer;
    layer.n = kept_width(piece, width);
    return layer;
  }
  Index inputs() const { return n; }
  Index outputs() const { return n; }
  Index workspace() const { return 0; }
  double multiplications() const { return static_cast<double>(n); }
  /// The diagonal and one outer product.
  JacobianSizes jacobian_sizes() const { return {3.0 * static_cast<double>(n), 0}; }
  std::string text() const { return fmt::format("log_softmax({})", n); }

  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    using namespace math;
    const Tally<T> tally(Term::value);
    for (Index s = 0; s < y.cols(); ++s) {
      const T shift = maximum(p.x.data() + s * n, n);
      T sum = T(0);
      for (Index i = 0; i < n; ++i) sum += exp(p.x(i, s) - shift);
      const T log_sum = log(sum);
      for (Index i = 0; i < n; ++i) y(i, s) = (p.x(i, s) - shift) - log_sum;
    }
  }
  /// diag(1) + (-1) p^T.
  template <class T>
  DiagonalPlusLowRank<T> d_input(const At<T>& p) const {
    using namespace math;
    const Tally<T> tally(Term::slope);
    DiagonalPlusLowRank<T> jacobian{1, constant(p, T(1)), constant(p, T(-1)), Matrix<T>(n, p.y.cols())};
    for (Index i = 0; i < p.y.size(); ++i) jacobian.v.data()[i] = exp(p.y.data()[i]);
    return jacobian;
  }
  template <class T>
  Empty<T> d_params(const At<T>&) const {
    return {n};
  }
  /// x_bar = y_bar - p (sum of y_bar).
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T>) const {
    using namespace math;
    const Tally<T> tally(Term::diagonal);
    for (Index s = 0; s < x_bar.cols(); ++s) {
      T sum = y_bar(0, s);
      for (Index i = 1; i < n; ++i) sum += y_bar(i, s);
      for (Index i = 0; i < n; ++i) x_bar(i, s) = y_bar(i, s) - exp(p.y(i, s)) * sum;
    }
  }

 private:
  template <class T>
  Matrix<T> constant(const At<T>& p, const T& value) const {
    return Matrix<T>::Constant(n, p.y.cols(), value);
  }
};

}  // namespace backprove
