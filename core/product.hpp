#pragma once

#include <algorithm>
#include <concepts>

#include "core/scalars/complex.hpp"
#include "core/scalars/dual.hpp"
#include "core/scalars/running_error.hpp"
#include "core/types.hpp"

/// Matrix products C (+)= op(A) op(B) for every scalar, without heap allocation.
///
/// float, double and long double use Eigen's kernel in tiles whose packing buffers fit on the stack (Eigen would put
/// larger ones on the heap); float and double a kernel of this project where one is asked for (ProductsBy). Large
/// products of complex, dual and RunningError numbers are made of such products of their parts
/// (core/product_by_parts.hpp), which allocates. Every other scalar uses loops with exactly m n k multiplications and m
/// n (k - 1) additions (m n k when accumulating), so that counts are those of the mathematics. With RunningError the
/// bound holds for any order of summation, with or without fused multiply-add (Higham 2002, section 3.1: gamma_k |a|^T
/// |b|).
namespace backprove {

enum class Op : bool { plain, transposed };

/// Scalars for which a sum is a `dot` of its own too, with a result that holds for any order of summation.
template <class T>
inline constexpr bool sums_in_any_order = false;
template <>
inline constexpr bool sums_in_any_order<RunningError> = true;

namespace detail {

template <class T>
const T& entry(const In<T>& m, Op op, Index row, Index col) {
  return op == Op::plain ? m.data()[col * m.rows() + row] : m.data()[row * m.rows() + col];
}

/// Scalars that Eigen's kernel multiplies.
template <class T>
inline constexpr bool is_native = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, long double>;

/// C += op(A) op(B). Compiled once a scalar (core/native_product.cpp): Eigen's kernel takes seconds.
template <class T>
void native_product(Op op_a, const In<T>& a, Op op_b, const In<T>& b, Out<T>& c);
extern template void native_product(Op, const In<float>&, Op, const In<float>&, Out<float>&);
extern template void native_product(Op, const In<double>&, Op, const In<double>&, Out<double>&);
extern template void native_product(Op, const In<long double>&, Op, const In<long double>&, Out<long double>&);

/// sum over k of a_k b_k (+ start), in order.
template <class T, class EntryA, class EntryB>
T dot(Index length, EntryA&& a, EntryB&& b, const T* start) {
  T sum = start ? *start + a(0) * b(0) : a(0) * b(0);
  for (Index k = 1; k < length; ++k) sum += a(k) * b(k);
  return sum;
}

/// A sum of `terms` products, with the errors e that the factors bring and the sum of the magnitudes: gamma_k on it.
inline RunningError in_any_order(double v, double e, double magnitude, Index terms) {
  const Arithmetic& arithmetic = active_arithmetic();
  const double k = static_cast<double>(terms), ku = k * arithmetic.unit_roundoff;
  const double gamma = ku < 1 ? ku / (1 - ku) : std::numeric_limits<double>::infinity();
  // A sum of k positive terms is itself rounded by less than k units of double: covered by the last factor.
  const double own = 1 + (2 * k + 8) * 0x1p-53;
  const double bound = (e + gamma * magnitude + k * arithmetic.smallest_subnormal) * own;
  return {v, RunningError::within(magnitude, bound) ? bound : std::numeric_limits<double>::infinity()};
}

/// The same with a bound that holds for every order.
template <class EntryA, class EntryB>
RunningError dot(Index length, EntryA&& a, EntryB&& b, const RunningError* start) {
  double v = start ? start->v : 0, e = start ? start->e : 0, magnitude = start ? std::abs(start->v) + 2 * start->e : 0;
  for (Index k = 0; k < length; ++k) {
    const RunningError &p = a(k), &q = b(k);
    const double abs_p = std::abs(p.v), abs_q = std::abs(q.v);
    v += p.v * q.v;
    e += abs_p * q.e + abs_q * p.e + 3 * p.e * q.e;
    magnitude += (abs_p + 2 * p.e) * (abs_q + 2 * q.e);
  }
  return in_any_order(v, e, magnitude, length + (start ? 1 : 0));
}

/// Whether products of T may be made of products of its parts.
template <class T>
inline constexpr bool has_native_parts = std::same_as<T, RunningError>;
template <class T>
inline constexpr bool has_native_parts<Complex<T>> = is_native<T> || has_native_parts<T>;
template <class T, int K>
inline constexpr bool has_native_parts<Dual<T, K>> = is_native<T> || has_native_parts<T>;
/// Multiplications below which splitting costs more than it saves.
inline constexpr Index least_to_split = 2048;
inline void product_by_parts(Op op_a, const In<RunningError>& a, Op op_b, const In<RunningError>& b,
                             Out<RunningError>& c, bool accumulate);
template <class T>
void product_by_parts(Op op_a, const In<Complex<T>>& a, Op op_b, const In<Complex<T>>& b, Out<Complex<T>>& c,
                      bool accumulate);
template <class T, int K>
void product_by_parts(Op op_a, const In<Dual<T, K>>& a, Op op_b, const In<Dual<T, K>>& b, Out<Dual<T, K>>& c,
                      bool accumulate);

template <class T>
void loop_product(Op op_a, const In<T>& a, Op op_b, const In<T>& b, Out<T>& c, Index inner, bool accumulate) {
  for (Index j = 0; j < c.cols(); ++j)
    for (Index i = 0; i < c.rows(); ++i) {
      const auto left = [&](Index k) -> const T& { return entry(a, op_a, i, k); };
      const auto right = [&](Index k) -> const T& { return entry(b, op_b, k, j); };
      c(i, j) = dot(inner, left, right, accumulate ? &c(i, j) : static_cast<const T*>(nullptr));
    }
}

}  // namespace detail

/// C = op(A) op(B), or C += op(A) op(B). Shapes must fit; A and B must not overlap C.
template <class T>
void product(Op op_a, const In<T>& a, Op op_b, const In<T>& b, Out<T> c, bool accumulate = false) {
  const Index inner = op_a == Op::plain ? a.cols() : a.rows();
  if (c.size() == 0) return;
  if constexpr (detail::is_native<T>) {
    if (!accumulate) c.setZero();
    detail::native_product(op_a, a, op_b, b, c);
  } else {
    if constexpr (detail::has_native_parts<T>)
      if (c.size() * inner >= detail::least_to_split) return detail::product_by_parts(op_a, a, op_b, b, c, accumulate);
    detail::loop_product(op_a, a, op_b, b, c, inner, accumulate);
  }
}

/// out (+)= sum of the columns of m.
template <class T>
void sum_columns(const In<T>& m, ParamsOut<T> out, bool accumulate = true) {
  for (Index i = 0; i < m.rows(); ++i) {
    if constexpr (sums_in_any_order<T>) {
      using detail::dot;
      const T one(1);
      const auto term = [&](Index k) -> const T& { return m.data()[k * m.rows() + i]; };
      const auto unit = [&](Index) -> const T& { return one; };
      out(i) = dot(m.cols(), term, unit, accumulate ? &out(i) : static_cast<const T*>(nullptr));
    } else {
      T sum = accumulate ? out(i) + m(i, 0) : m(i, 0);
      for (Index s = 1; s < m.cols(); ++s) sum += m(i, s);
      out(i) = sum;
    }
  }
}

}  // namespace backprove

#include "core/product_by_parts.hpp"
