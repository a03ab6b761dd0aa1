#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// One matrix for all samples, J = A^T with A (cols x rows) borrowed from the parameters: the paper's W^T.
template <class T>
struct Dense {
  In<T> transposed;

  Index rows() const { return transposed.cols(); }
  Index cols() const { return transposed.rows(); }
  void pullback(In<T> g, Out<T> out, Samples) const {
    const Tally<T> tally(Term::product);
    product<T>(Op::plain, transposed, Op::plain, g, out);
  }
  void pushforward(In<T> v, Out<T> out, Samples) const {
    const Tally<T> tally(Term::product);
    product<T>(Op::transposed, transposed, Op::plain, v, out);
  }
  void pullback_sum(In<T> g, ParamsOut<T> out) const { pullback_then_sum<T>(*this, g, out); }
  Matrix<T> dense(Index) const { return transposed.transpose(); }
};

}  // namespace backprove
