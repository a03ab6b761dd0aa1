#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J_s = diag(d_s) + sum over q < rank of u_{q,s} v_{q,s}^T; u and v are n x (rank B), sample s in columns rank s + q.
template <class T>
struct DiagonalPlusLowRank {
  Index rank;
  Matrix<T> d, u, v;

  Index rows() const { return d.rows(); }
  Index cols() const { return d.rows(); }
  void pullback(In<T> g, Out<T> out, Samples samples) const { apply(u, v, g, out, samples); }
  void pushforward(In<T> x, Out<T> out, Samples samples) const { apply(v, u, x, out, samples); }
  void pullback_sum(In<T> g, ParamsOut<T> out) const { pullback_then_sum<T>(*this, g, out); }
  Matrix<T> dense(Index s) const {
    Matrix<T> m(d.rows(), d.rows());
    for (Index j = 0; j < d.rows(); ++j)
      for (Index i = 0; i < d.rows(); ++i) {
        T sum = u(i, rank * s) * v(j, rank * s);
        for (Index q = 1; q < rank; ++q) sum += u(i, rank * s + q) * v(j, rank * s + q);
        m(i, j) = i == j ? d(i, s) + sum : sum;
      }
    return m;
  }

 private:
  /// out = d x + sum_q to_q (from_q^T x).
  void apply(const Matrix<T>& from, const Matrix<T>& to, In<T> x, Out<T> out, Samples samples) const {
    const Tally<T> tally(Term::diagonal);
    for (Index c = 0; c < x.cols(); ++c) {
      const Index s = samples.of(c);
      for (Index i = 0; i < d.rows(); ++i) out(i, c) = d(i, s) * x(i, c);
      for (Index q = rank * s; q < rank * (s + 1); ++q) {
        const T weight = detail::dot(
            d.rows(), [&](Index k) -> const T& { return from(k, q); },
            [&](Index k) -> const T& { return x.data()[c * x.rows() + k]; }, static_cast<const T*>(nullptr));
        for (Index i = 0; i < d.rows(); ++i) out(i, c) += to(i, q) * weight;
      }
    }
  }
};

}  // namespace backprove
