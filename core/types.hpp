#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>

/// The vocabulary: indices, matrices, and views on them. One sample is one column, so a batch of B samples with n
/// features is an n x B matrix, stored column by column.
namespace backprove {

using Index = Eigen::Index;

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

/// Read-only and writable views on contiguous storage: they own nothing and never allocate.
template <class T>
using In = Eigen::Map<const Matrix<T>>;
template <class T>
using Out = Eigen::Map<Matrix<T>>;
template <class T>
using ParamsIn = Eigen::Map<const Vector<T>>;
template <class T>
using ParamsOut = Eigen::Map<Vector<T>>;

template <class T>
In<T> view(const Matrix<T>& m) {
  return In<T>(m.data(), m.rows(), m.cols());
}
template <class T>
Out<T> view(Matrix<T>& m) {
  return Out<T>(m.data(), m.rows(), m.cols());
}
template <class T>
ParamsIn<T> view(const Vector<T>& v) {
  return ParamsIn<T>(v.data(), v.size());
}
template <class T>
ParamsOut<T> view(Vector<T>& v) {
  return ParamsOut<T>(v.data(), v.size());
}

/// Point of evaluation of one layer for a batch of B samples: parameters theta, input x (n_in x B), output y (n_out x
/// B), and the layer's workspace: what `value` left there for the other formulas, and room for their own temporaries.
template <class T>
struct At {
  ParamsIn<T> theta;
  In<T> x, y;
  ParamsOut<T> workspace;
};

}  // namespace backprove
