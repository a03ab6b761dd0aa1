#pragma once

#include "core/kernels/simd/vector.hpp"

/// Products of a matrix with one vector: lanes are numbers of a column. Every result is computed by the same operations
/// whatever the range that is asked for.
namespace backprove::BACKPROVE_ISA {

/// Fetches what lies `numbers` behind p, which may be beyond the matrix: a column of a few KB ends before the processor
/// has seen that it is read from end to end.
template <class T>
BACKPROVE_INLINE void fetch(const T* p, Index numbers) {
  _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(p) +
                                             static_cast<std::uintptr_t>(numbers) * sizeof(T)),
               _MM_HINT_T1);
}

/// The products of the lanes of `columns` columns with x, added over the column but not yet over the lanes. The bias is
/// in the first lane, so that nobody waits for its addition. `far` fetches as many columns behind them.
template <class T, int columns, bool far = false>
BACKPROVE_INLINE void lane_products(const T* w, Index n_in, const T* x, const T* bias, Vec<T>* sum) {
  constexpr Index lanes = lanes_of<T>;
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) sum[j] = first_lane<T>(bias + j);
  Index i = 0;
  for (; i + lanes <= n_in; i += lanes) {
    const Vec<T> part = load<T>(x + i);
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j) {
      const T* p = w + j * n_in + i;
      if constexpr (far) fetch(p, columns * n_in);
      sum[j] = multiply_add(load<T>(p), part, sum[j]);
    }
  }
  if (i == n_in) return;
  const Vec<T> part = load_first<T>(x + i, n_in - i);
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) sum[j] = multiply_add(load_first<T>(w + j * n_in + i, n_in - i), part, sum[j]);
}

/// bias + the sums of `columns` columns, which the compiler must know to keep all of them in registers; 0 behind them.
template <class T, int columns, bool far = false>
Vec<T> dots(const T* w, Index n_in, const T* x, const T* bias) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  Vec<T> sum[lanes];
#pragma GCC unroll 16
  for (int j = columns; j < lanes; ++j) sum[j] = Vec<T>{};
  lane_products<T, columns, far>(w, n_in, x, bias, sum);
  return sums_of_lanes<T>(sum);
}
template <class T, bool far, int columns = static_cast<int>(lanes_of<T>)>
BACKPROVE_INLINE Vec<T> dots_of(Index wanted, const T* w, Index n_in, const T* x, const T* bias) {
  if constexpr (columns > 1)
    if (wanted < columns) return dots_of<T, false, columns - 1>(wanted, w, n_in, x, bias);
  return dots<T, columns, far>(w, n_in, x, bias);
}

/// finish(j, numbers j to j + lanes of W^T x + bias) for every vector of [from, to).
template <class T, bool far, class Finish>
BACKPROVE_INLINE void each_dot(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias,
                               Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  for (Index j = from; j < to; j += lanes) finish(j, dots_of<T, far>(to - j, w + j * n_in, n_in, x, bias + j));
}

template <class T, bool far>
void dot_columns(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* y) {
  each_dot<T, far>(w, n_in, from, to, x, bias, [&](Index j, Vec<T> sum) { store<T>(y + j, sum); });
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

/// Bytes of W beyond which its columns are read from end to end rather than a tile's rows of all of them: a second
/// cache holds less, and what is fetched ahead follows columns.
inline constexpr Index most_bytes_of_tiles = 1 << 19;

/// sum(c, i) += W(i, j) g(j) over j = first + c, first + c + chains, ... of `columns` columns, on whole vectors of
/// rows. `far` fetches as many columns behind them.
template <class T, int columns, bool far = false>
void add_columns(const T* w, Index n_in, Index first, Index rows, const T* g, T* sums, Index room) {
  Vec<T> factor[columns];
#pragma GCC unroll 16
  for (int k = 0; k < columns; ++k) factor[k] = all<T>(g[first + k]);
  for (Index i = 0; i < rows; i += lanes_of<T>) {
    const T* p = w + first * n_in + i;
#pragma GCC unroll 4
    for (int c = 0; c < (columns < chains ? columns : chains); ++c) {
      Vec<T> sum = load<T>(sums + c * room + i);
#pragma GCC unroll 4
      for (int k = c; k < columns; k += chains) {
        if constexpr (far) fetch(p + k * n_in, columns * n_in);
        sum = multiply_add(load<T>(p + k * n_in), factor[k], sum);
      }
      store<T>(sums + c * room + i, sum);
    }
  }
}

/// As combine_tile, for as many whole vectors of rows as `room` holds; the sums are in memory meanwhile.
template <class T, bool far, class Finish>
BACKPROVE_INLINE void combine_by_columns(const T* w, Index n_in, Index n_out, const T* g, Index rows, Finish&& finish) {
  constexpr Index lanes = lanes_of<T>, room = 512;
  constexpr int columns = BACKPROVE_VECTOR_BYTES == 64 ? 16 : 8;  // so that the factors fit into the registers
  for (Index begin = 0; begin < rows; begin += room) {
    const Index here = smaller(room, rows - begin);
    alignas(64) T sums[chains * room];
    for (int c = 0; c < chains; ++c)
      for (Index i = 0; i < here; i += lanes) store<T>(sums + c * room + i, Vec<T>{});
    Index j = 0;
    for (; j + columns <= n_out; j += columns) add_columns<T, columns, far>(w + begin, n_in, j, here, g, sums, room);
    for (; j + chains <= n_out; j += chains) add_columns<T, chains>(w + begin, n_in, j, here, g, sums, room);
    for (int c = 0; j + c < n_out; ++c) add_columns<T, 1>(w + begin, n_in, j + c, here, g, sums + c * room, room);
    for (Index i = 0; i < here; i += lanes) {
      const auto sum = [&](Index c) { return load<T>(sums + c * room + i); };
      finish((begin + i) / lanes, (sum(0) + sum(1)) + (sum(2) + sum(3)));
    }
  }
}

/// finish(i, numbers i to i + lanes of W g) for every vector of [from, to).
template <class T, bool far, class Finish>
BACKPROVE_INLINE void each_combination(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g,
                                       Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  constexpr int most = BACKPROVE_VECTOR_BYTES == 64 ? 4 : 2;  // so that the sums fit into the registers
  Index i = from;
  const auto part = [&](Index v, Vec<T> sum) { finish(i + v * lanes, sum); };
  if (n_in * n_out * static_cast<Index>(sizeof(T)) > most_bytes_of_tiles) {
    const Index whole = (to - from) / lanes * lanes;
    combine_by_columns<T, far>(w + i, n_in, n_out, g, whole, part);
    i += whole;
  }
  for (; i + most * lanes <= to; i += most * lanes) combine_tile<T, most>(w + i, n_in, n_out, g, lanes, part);
  for (; i + lanes <= to; i += lanes) combine_tile<T, 1>(w + i, n_in, n_out, g, lanes, part);
  if (i < to) combine_tile<T, 1>(w + i, n_in, n_out, g, to - i, part);
}

template <class T, bool far>
void combine_columns(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, T* x_bar) {
  each_combination<T, far>(w, n_in, n_out, from, to, g, [&](Index i, Vec<T> sum) { store<T>(x_bar + i, sum); });
}

template <class T, bool far>
void outer(const T* x, const T* g, Index n_in, Index from, Index to, T* w_bar) {
  constexpr Index lanes = lanes_of<T>;
  const Index whole = n_in / lanes * lanes;
  for (Index j = from; j < to; ++j) {
    T* column = w_bar + j * n_in;
    const Vec<T> factor = all<T>(g[j]);
    if (far && reinterpret_cast<std::uintptr_t>(column) % BACKPROVE_VECTOR_BYTES == 0)
      for (Index i = 0; i < whole; i += lanes) store_past_caches<T>(column + i, load<T>(x + i) * factor);
    else
      for (Index i = 0; i < whole; i += lanes) store<T>(column + i, load<T>(x + i) * factor);
    if (whole < n_in) store_first<T>(column + whole, load_first<T>(x + whole, n_in - whole) * factor, n_in - whole);
  }
  if (far) _mm_sfence();  // such stores may otherwise be seen after those that tell others that they were made
}

}  // namespace backprove::BACKPROVE_ISA
