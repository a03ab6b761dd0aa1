#pragma once

#include "core/kernels/simd/vector.hpp"

/// Products of a matrix with one vector: lanes are numbers of a column. Every result is computed by the same operations
/// whatever the range that is asked for.
namespace backprove::BACKPROVE_ISA {

/// The products of the lanes of `columns` columns with x, added over the column but not yet over the lanes.
template <class T, int columns>
inline void lane_products(const T* w, Index n_in, const T* x, Vec<T>* sum) {
  constexpr Index lanes = lanes_of<T>;
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) sum[j] = Vec<T>{};
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

/// y = bias + the sums of `columns` columns; the number is known to the compiler, so that all sums stay in registers.
template <class T, int columns>
inline void dots(const T* w, Index n_in, const T* x, const T* bias, T* y) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  Vec<T> sum[lanes];
#pragma GCC unroll 16
  for (int j = columns; j < lanes; ++j) sum[j] = Vec<T>{};
  lane_products<T, columns>(w, n_in, x, sum);
  if constexpr (columns == lanes)
    store<T>(y, load<T>(bias) + sums_of_lanes<T>(sum));
  else
    store_first<T>(y, load_first<T>(bias, columns) + sums_of_lanes<T>(sum), columns);
}
template <class T, int columns>
inline void dots_of(Index wanted, const T* w, Index n_in, const T* x, const T* bias, T* y) {
  if (wanted == columns)
    dots<T, columns>(w, n_in, x, bias, y);
  else if constexpr (columns > 1)
    dots_of<T, columns - 1>(wanted, w, n_in, x, bias, y);
}

template <class T>
void dot_columns(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* y) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  for (Index j = from; j < to; j += lanes)
    dots_of<T, lanes>(smaller(lanes, to - j), w + j * n_in, n_in, x, bias + j, y + j);
}

/// `vectors` vectors of rows, all columns: those with even numbers added apart from the others, since a sum waits for
/// the one before. `rows` below the lanes of the one vector: so many rows.
template <class T, int vectors>
inline void combine_tile(const T* w, Index n_in, Index n_out, const T* g, T* x_bar, Index rows = lanes_of<T>) {
  constexpr Index lanes = lanes_of<T>;
  Vec<T> even[vectors] = {}, odd[vectors] = {};
  const auto row = [&](Index j, int v) {
    const T* p = w + j * n_in + v * lanes;
    return rows < lanes ? load_first<T>(p, rows) : load<T>(p);
  };
  Index j = 0;
  for (; j + 2 <= n_out; j += 2) {
    const Vec<T> first = all<T>(g[j]), second = all<T>(g[j + 1]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      even[v] = multiply_add(row(j, v), first, even[v]);
      odd[v] = multiply_add(row(j + 1, v), second, odd[v]);
    }
  }
  if (j < n_out) {
    const Vec<T> first = all<T>(g[j]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) even[v] = multiply_add(row(j, v), first, even[v]);
  }
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    const Vec<T> sum = even[v] + odd[v];
    rows < lanes ? store_first<T>(x_bar, sum, rows) : store<T>(x_bar + v * lanes, sum);
  }
}

template <class T>
void combine_columns(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, T* x_bar) {
  constexpr Index lanes = lanes_of<T>;
  Index i = from;
  for (; i + 4 * lanes <= to; i += 4 * lanes) combine_tile<T, 4>(w + i, n_in, n_out, g, x_bar + i);
  for (; i + 2 * lanes <= to; i += 2 * lanes) combine_tile<T, 2>(w + i, n_in, n_out, g, x_bar + i);
  for (; i + lanes <= to; i += lanes) combine_tile<T, 1>(w + i, n_in, n_out, g, x_bar + i);
  if (i < to) combine_tile<T, 1>(w + i, n_in, n_out, g, x_bar + i, to - i);
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
