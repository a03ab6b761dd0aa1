#pragma once

#include <fmt/format.h>

#include "core/layer.hpp"

namespace backprove {

/// y_i = e^(x_i - m) / sum_j e^(x_j - m), m = max x taken as a constant (the value does not depend on it), for each
/// sample; dy/dx = diag(y) - y y^T. Kinks: none. No overflow; entries below e^-745 of the largest (double) become 0.
struct Softmax : Smooth, NoParameters {
  static constexpr std::string_view name = "softmax";
  static constexpr std::string_view rational = "exp";
  static constexpr std::string_view example = "softmax";
  Index n = 0;

  static Softmax make(const Piece& piece, Index width) {
    Softmax layer;
    layer.n = kept_width(piece, width);
    return layer;
  }
  Index inputs() const { return n; }
  Index outputs() const { return n; }
  Index workspace() const { return 0; }
  double multiplications() const { return static_cast<double>(n); }
  std::string text() const { return fmt::format("softmax({})", n); }

  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    using namespace math;
    const Tally<T> tally(Term::value);
    for (Index s = 0; s < y.cols(); ++s) {
      const T shift = maximum(p.x.data() + s * n, n);
      T sum = T(0);
      for (Index i = 0; i < n; ++i) {
        y(i, s) = exp(p.x(i, s) - shift);
        sum += y(i, s);
      }
      for (Index i = 0; i < n; ++i) y(i, s) = y(i, s) / sum;
    }
  }
  template <class T>
  DiagonalMinusOuter<T> d_input(const At<T>& p) const {
    return {p.y};
  }
  template <class T>
  Empty<T> d_params(const At<T>&) const {
    return {n};
  }
  /// x_bar = y * y_bar - y (y^T y_bar).
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T>) const {
    const Tally<T> tally(Term::diagonal);
    for (Index s = 0; s < x_bar.cols(); ++s) {
      T inner = T(0);
      for (Index i = 0; i < n; ++i) {
        x_bar(i, s) = p.y(i, s) * y_bar(i, s);
        inner += x_bar(i, s);
      }
      for (Index i = 0; i < n; ++i) x_bar(i, s) -= p.y(i, s) * inner;
    }
  }
};

}  // namespace backprove
