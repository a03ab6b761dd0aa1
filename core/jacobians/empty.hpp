#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// The parameter Jacobian of a layer without parameters: n x 0.
template <class T>
struct Empty {
  Index n;

  Index rows() const { return n; }
  Index cols() const { return 0; }
  void pullback(In<T>, Out<T>, Samples) const {}
  void pushforward(In<T>, Out<T> out, Samples) const { out.setConstant(T(0)); }
  void pullback_sum(In<T>, ParamsOut<T>) const {}
  Matrix<T> dense(Index) const { return Matrix<T>(n, 0); }
};

}  // namespace backprove
