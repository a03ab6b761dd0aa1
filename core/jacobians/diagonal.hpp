#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J_s = diag(d_s); the columns of d (n x B) are the diagonals.
template <class T>
struct Diagonal {
  Matrix<T> d;

  Index rows() const { return d.rows(); }
  Index cols() const { return d.rows(); }
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    const Tally<T> tally(Term::diagonal);
    for (Index c = 0; c < g.cols(); ++c)
      for (Index i = 0; i < d.rows(); ++i) out(i, c) = d(i, samples.of(c)) * g(i, c);
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const { pullback(v, out, samples); }
  void pullback_sum(In<T> g, ParamsOut<T> out) const { pullback_then_sum<T>(*this, g, out); }
  Matrix<T> dense(Index s) const {
    Matrix<T> m = Matrix<T>::Constant(d.rows(), d.rows(), T(0));
    for (Index i = 0; i < d.rows(); ++i) m(i, i) = d(i, s);
    return m;
  }
};

}  // namespace backprove
