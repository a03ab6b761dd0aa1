#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J = I + F: a residual connection around a map F of equal width (the only entry of `map`).
template <class T>
struct IdentityPlus {
  std::vector<Jacobian<T>> map;

  Index rows() const { return map.front().rows(); }
  Index cols() const { return map.front().cols(); }
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    map.front().pullback(g, out, samples);
    add(g, out);
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const {
    map.front().pushforward(v, out, samples);
    add(v, out);
  }
  void pullback_sum(In<T> g, ParamsOut<T> out) const { pullback_then_sum<T>(*this, g, out); }
  Matrix<T> dense(Index s) const {
    Matrix<T> m = map.front().dense(s);
    for (Index i = 0; i < m.rows(); ++i) m(i, i) += T(1);
    return m;
  }

 private:
  static void add(In<T> x, Out<T> out) {
    for (Index i = 0; i < x.size(); ++i) out.data()[i] += x.data()[i];
  }
};

}  // namespace backprove
