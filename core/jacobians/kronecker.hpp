#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J_s = I_m (x) x_s^T (m x m n), the derivative of W^T x with respect to Vec(W), columns of W (n x m) stacked: the
/// paper's parameter factor. x (n x B) is borrowed from the tape.
template <class T>
struct Kronecker {
  In<T> x;
  Index m;

  Index rows() const { return m; }
  Index cols() const { return m * x.rows(); }
  /// Column c: Vec(x g_c^T).
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    const Tally<T> tally(Term::parameter_factor);
    const Index n = x.rows();
    for (Index c = 0; c < g.cols(); ++c)
      for (Index j = 0; j < m; ++j)
        for (Index i = 0; i < n; ++i) out(j * n + i, c) = x(i, samples.of(c)) * g(j, c);
  }
  /// Column c: V_c^T x with V_c (n x m) the column c folded back.
  void pushforward(In<T> v, Out<T> out, Samples samples) const {
    const Tally<T> tally(Term::parameter_factor);
    const Index n = x.rows();
    for (Index c = 0; c < v.cols(); ++c)
      product<T>(Op::transposed, In<T>(v.data() + c * v.rows(), n, m), Op::plain,
                 In<T>(x.data() + samples.of(c) * n, n, 1), Out<T>(out.data() + c * m, m, 1));
  }
  /// out += Vec(X G^T): the whole batch as one matrix product.
  void pullback_sum(In<T> g, ParamsOut<T> out) const {
    const Tally<T> tally(Term::parameter_factor);
    product<T>(Op::plain, x, Op::transposed, g, Out<T>(out.data(), x.rows(), m), true);
  }
  Matrix<T> dense(Index s) const {
    Matrix<T> matrix = Matrix<T>::Constant(rows(), cols(), T(0));
    for (Index j = 0; j < m; ++j)
      for (Index i = 0; i < x.rows(); ++i) matrix(j, j * x.rows() + i) = x(i, s);
    return matrix;
  }
};

}  // namespace backprove
