#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J = I (n x n) for every sample.
template <class T>
struct IdentityMap {
  Index n;

  Index rows() const { return n; }
  Index cols() const { return n; }
  void pullback(In<T> g, Out<T> out, Samples) const { out = g; }
  void pushforward(In<T> v, Out<T> out, Samples) const { out = v; }
  void pullback_sum(In<T> g, ParamsOut<T> out) const {
    const Tally<T> tally(Term::bias);
    sum_columns<T>(g, out);
  }
  Matrix<T> dense(Index s) const { return dense_of<T>(*this, s); }
};

}  // namespace backprove
