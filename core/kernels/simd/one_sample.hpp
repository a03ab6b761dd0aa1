#pragma once

#include "core/kernels/simd/vector.hpp"

/// Products of a matrix with one vector: lanes are numbers of a column. Every result is computed by the same operations
/// whatever the range that is asked for.
namespace backprove::BACKPROVE_ISA {

/// The products of the lanes of `columns` columns with x, added over the column but not yet over the lanes. The bias is
/// in the first lane, so that nobody waits for its addition.
template <class T, int columns>
BACKPROVE_INLINE void lane_products(const T* w, Index n_in, const T* x, const T* bias, Vec<T>* sum) {
  constexpr Index lanes = lanes_of<T>;
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) sum[j] = first_lane<T>(bias + j);
  Index i = 0;
  for (; i + lanes <= n_in; i += lanes) {
    const Vec<T> part = load<T>(x + i);
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j) sum[j] = multiply_add(load<T>(w + j * n_in + i), part, sum[j]);
  }
  if (i == n_in) return;
  const Vec<T> part = load_first<T>(x + i, n_in - i);
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) sum[j] = multiply_add(load_first<T>(w + j * n_in + i, n_in - i), part, sum[j]);
}

/// bias + the sums of `columns` columns, which the compiler must know to keep all of them in registers; 0 behind them.
template <class T, int columns>
Vec<T> dots(const T* w, Index n_in, const T* x, const T* bias) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  Vec<T> sum[lanes];
#pragma GCC unroll 16
  for (int j = columns; j < lanes; ++j) sum[j] = Vec<T>{};
  lane_products<T, columns>(w, n_in, x, bias, sum);
  return sums_of_lanes<T>(sum);
}
template <class T, int columns = static_cast<int>(lanes_of<T>)>
BACKPROVE_INLINE Vec<T> dots_of(Index wanted, const T* w, Index n_in, const T* x, const T* bias) {
  if constexpr (columns > 1)
    if (wanted < columns) return dots_of<T, columns - 1>(wanted, w, n_in, x, bias);
  return dots<T, columns>(w, n_in, x, bias);
}

/// finish(j, numbers j to j + lanes of W^T x + bias) for every vector of [from, to).
template <class T, class Finish>
BACKPROVE_INLINE void each_dot(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias,
                               Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  for (Index j = from; j < to; j += lanes) finish(j, dots_of<T>(to - j, w + j * n_in, n_in, x, bias + j));
}

template <class T>
void dot_columns(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* y) {
  each_dot<T>(w, n_in, from, to, x, bias, [&](Index j, Vec<T> sum) { store<T>(y + j, sum); });
}

/// Sums that a number of x_bar is added up in, over every fourth column each: a sum waits for the one before.
inline constexpr int chains = 4;

/// finish(v, sum) for `vectors` vectors of rows, over all columns. `rows` below the lanes of the one vector: so many.
template <class T, int vectors, class Finish>
BACKPROVE_INLINE void combine_tile(const T* w, Index n_in, Index n_out, const T* g, Index rows, Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  Vec<T> sum[chains][vectors] = {};
  const auto add = [&](Index j, int chain) BACKPROVE_INLINE_LAMBDA {
    const Vec<T> factor = all<T>(g[j]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const T* p = w + j * n_in + v * lanes;
      sum[chain][v] = multiply_add(rows < lanes ? load_first<T>(p, rows) : load<T>(p), factor, sum[chain][v]);
    }
  };
  Index j = 0;
  for (; j + chains <= n_out; j += chains) {
#pragma GCC unroll 4
    for (int chain = 0; chain < chains; ++chain) add(j + chain, chain);
  }
#pragma GCC unroll 4
  for (int chain = 0; chain < chains - 1; ++chain)
    if (j + chain < n_out) add(j + chain, chain);
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) finish(v, (sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v]));
}

/// finish(i, numbers i to i + lanes of W g) for every vector of [from, to).
template <class T, class Finish>
BACKPROVE_INLINE void each_combination(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g,
                                       Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  constexpr int most = BACKPROVE_VECTOR_BYTES == 64 ? 4 : 2;  // so that the sums fit into the registers
  Index i = from;
  const auto part = [&](int v, Vec<T> sum) { finish(i + v * lanes, sum); };
  for (; i + most * lanes <= to; i += most * lanes) combine_tile<T, most>(w + i, n_in, n_out, g, lanes, part);
  for (; i + lanes <= to; i += lanes) combine_tile<T, 1>(w + i, n_in, n_out, g, lanes, part);
  if (i < to) combine_tile<T, 1>(w + i, n_in, n_out, g, to - i, part);
}

template <class T>
void combine_columns(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, T* x_bar) {
  each_combination<T>(w, n_in, n_out, from, to, g, [&](Index i, Vec<T> sum) { store<T>(x_bar + i, sum); });
}

template <class T>
void outer(const T* x, const T* g, Index n_in, Index from, Index to, T* w_bar) {
  constexpr Index lanes = lanes_of<T>;
  const Index whole = n_in / lanes * lanes;
  for (Index j = from; j < to; ++j) {
    T* column = w_bar + j * n_in;
    const Vec<T> factor = all<T>(g[j]);
    for (Index i = 0; i < whole; i += lanes) store<T>(column + i, load<T>(x + i) * factor);
    if (whole < n_in) store_first<T>(column + whole, load_first<T>(x + whole, n_in - whole) * factor, n_in - whole);
  }
}

}  // namespace backprove::BACKPROVE_ISA
