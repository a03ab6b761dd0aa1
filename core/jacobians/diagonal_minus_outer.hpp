#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J_s = diag(p_s) - p_s p_s^T, symmetric: the softmax's, with its probabilities in the columns of p (n x B).
template <class T>
struct DiagonalMinusOuter {
  Matrix<T> p;

  Index rows() const { return p.rows(); }
  Index cols() const { return p.rows(); }
  /// p_i (g_i - p^T g): 2n multiplications a column.
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    const Tally<T> tally(Term::diagonal);
    for (Index c = 0; c < g.cols(); ++c) {
      const Index s = samples.of(c);
      const T mean = detail::dot(
          p.rows(), [&](Index k) -> const T& { return p(k, s); },
          [&](Index k) -> const T& { return g.data()[c * g.rows() + k]; }, static_cast<const T*>(nullptr));
      for (Index i = 0; i < p.rows(); ++i) out(i, c) = p(i, s) * (g(i, c) - mean);
    }
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const { pullback(v, out, samples); }
  void pullback_sum(In<T> g, ParamsOut<T> out) const { pullback_then_sum<T>(*this, g, out); }
  Matrix<T> dense(Index s) const {
    Matrix<T> m(p.rows(), p.rows());
    for (Index j = 0; j < p.rows(); ++j)
      for (Index i = 0; i < p.rows(); ++i) m(i, j) = i == j ? p(i, s) - p(i, s) * p(i, s) : -(p(i, s) * p(j, s));
    return m;
  }
};

}  // namespace backprove
