#pragma once

#include <concepts>
#include <utility>
#include <variant>
#include <vector>

#include "core/product.hpp"
#include "core/scalars/counting.hpp"
#include "core/types.hpp"

/// A derivative is a linear map kept in its own structure. A Jacobian holds one map J_s (rows x cols) for each sample s
/// of a batch; structures that share one matrix between samples say so.
namespace backprove {

/// Which sample's map a column is sent through: its own (column s through J_s) or one sample's for all columns.
struct Samples {
  Index fixed = -1;
  static Samples own() { return {}; }
  static Samples only(Index sample) { return {sample}; }
  Index of(Index column) const { return fixed < 0 ? column : fixed; }
};

/// The laws: pullback(G) has the columns J^T g, pushforward(V) the columns J v, dense(s) is J_s written out, and
/// pullback_sum(G, out) adds the sum over the samples of J_s^T g_s to out. `out` never overlaps the argument.
template <class J, class T>
concept JacobianOf = requires(const J j, In<T> g, Out<T> out, ParamsOut<T> sum, Samples samples) {
  { j.rows() } -> std::convertible_to<Index>;
  { j.cols() } -> std::convertible_to<Index>;
  j.pullback(g, out, samples);
  j.pushforward(g, out, samples);
  j.pullback_sum(g, sum);
};

/// Any structure, chosen at run time. The list of structures is generated from the files of core/jacobians.
template <class T>
class Jacobian;

/// J_s as a matrix (rows x cols), from pushing the unit vectors forward: exact, since every entry is one product by 1.
template <class T, class J>
Matrix<T> dense_of(const J& j, Index sample) {
  Matrix<T> unit = Matrix<T>::Constant(j.cols(), j.cols(), T(0)), out(j.rows(), j.cols());
  for (Index i = 0; i < j.cols(); ++i) unit(i, i) = T(1);
  if (j.cols() > 0) j.pushforward(view(std::as_const(unit)), view(out), Samples::only(sample));
  return out;
}

/// pullback_sum for structures that have no shortcut: pull every sample back, then add the columns.
template <class T, class J>
void pullback_then_sum(const J& j, In<T> g, ParamsOut<T> out) {
  Matrix<T> each(j.cols(), g.cols());
  j.pullback(g, view(each), Samples::own());
  sum_columns<T>(view(std::as_const(each)), out);
}

}  // namespace backprove
