#pragma once

#include "core/kernels/primitives.hpp"
#include "core/kernels/simd/vector.hpp"

/// Products of a matrix with one vector: lanes are numbers of a column. Every result is computed by the same operations
/// whatever the range that is asked for.
namespace backprove::BACKPROVE_ISA {

/// Fetches what lies `numbers` behind p, which may be beyond the matrix: a column of a few KB ends before the processor
/// has seen that it is read from end to end.
template <class T>
BACKPROVE_INLINE void fetch(const T* p, Index numbers) {
  ask_for(address_behind(p, numbers));
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

/// The sum of `count` chains' sums, or of parts of them: pairs first, so that a part is a pair or one of them.
template <class T, int count, class Sum>
BACKPROVE_INLINE Vec<T> sum_of_chains(Sum&& sum) {
  if constexpr (count == 1)
    return sum(0);
  else if constexpr (count == 2)
    return sum(0) + sum(1);
  else
    return (sum(0) + sum(1)) + (sum(2) + sum(3));
}

/// finish(v, sum of `count` chains from `first` on) for `vectors` vectors of rows. `rows` below the lanes of the one
/// vector: so many. `neighbours` as in ColumnChain; if not, all chains are wanted.
template <class T, int vectors, bool neighbours, int count, class Finish>
BACKPROVE_INLINE void combine_tile(const T* w, Index n_in, Index n_out, const T* g, int first, Index rows,
                                   Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  Vec<T> sum[count][vectors] = {};
  const auto add = [&](Index j, int chain) BACKPROVE_INLINE_LAMBDA {
    const Vec<T> factor = all<T>(g[j]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const T* p = w + j * n_in + v * lanes;
      sum[chain][v] = multiply_add(rows < lanes ? load_first<T>(p, rows) : load<T>(p), factor, sum[chain][v]);
    }
  };
  if constexpr (neighbours) {
    ColumnChain chain[count];
    Index common = n_out;
    for (int c = 0; c < count; ++c) {
      chain[c] = ColumnChain::of(first + c, n_out, lanes);
      common = smaller(common, chain[c].count);
    }
    for (Index k = 0; k < common; ++k) {
#pragma GCC unroll 4
      for (int c = 0; c < count; ++c) add(chain[c].first + k, c);
    }
#pragma GCC unroll 4
    for (int c = 0; c < count; ++c)
      for (Index k = common; k < chain[c].count; ++k) add(chain[c].first + k, c);
  } else {
    Index j = 0;
    for (; j + count <= n_out; j += count) {
#pragma GCC unroll 4
      for (int c = 0; c < count; ++c) add(j + c, c);
    }
#pragma GCC unroll 4
    for (int c = 0; c < count - 1; ++c)
      if (j + c < n_out) add(j + c, c);
  }
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v)
    finish(v, sum_of_chains<T, count>([&](int c) BACKPROVE_INLINE_LAMBDA { return sum[c][v]; }));
}

/// Bytes of W beyond which its columns are read from end to end rather than a tile's rows of all of them: a second
/// cache holds less, and what is fetched ahead follows columns.
inline constexpr Index most_bytes_of_tiles = 1 << 19;

/// sums(i) += W(i, j) g(j) over the numbers [from, from + columns) of a chain, on whole vectors of rows. `far` fetches
/// as many columns behind them.
template <class T, int columns, bool far = false>
void add_columns(const T* w, Index n_in, const ColumnChain& chain, Index from, Index rows, const T* g, T* sums) {
  const Index first = chain.first + from * chain.step, step = chain.step * n_in;
  Vec<T> factor[columns];
#pragma GCC unroll 16
  for (int k = 0; k < columns; ++k) factor[k] = all<T>(g[first + k * chain.step]);
  for (Index i = 0; i < rows; i += lanes_of<T>) {
    const T* p = w + first * n_in + i;
    Vec<T> sum = load<T>(sums + i);
#pragma GCC unroll 16
    for (int k = 0; k < columns; ++k) {
      if constexpr (far) fetch(p + k * step, columns * step);
      sum = multiply_add(load<T>(p + k * step), factor[k], sum);
    }
    store<T>(sums + i, sum);
  }
}

/// As combine_tile, for as many whole vectors of rows as `room` holds; the sums are in memory meanwhile.
template <class T, int count, bool far, class Finish>
BACKPROVE_INLINE void combine_by_columns(const T* w, Index n_in, Index n_out, const T* g, int first, Index rows,
                                         Finish&& finish) {
  constexpr Index lanes = lanes_of<T>, room = 512;
  constexpr int columns = BACKPROVE_VECTOR_BYTES == 64 ? 16 : 8;  // so that the factors fit into the registers
  for (Index begin = 0; begin < rows; begin += room) {
    const Index here = smaller(room, rows - begin);
    alignas(64) T sums[count][room];
    for (int c = 0; c < count; ++c) {
      const ColumnChain chain = ColumnChain::of(first + c, n_out, lanes);
      for (Index i = 0; i < here; i += lanes) store<T>(sums[c] + i, Vec<T>{});
      Index k = 0;
      for (; k + columns <= chain.count; k += columns)
        add_columns<T, columns, far>(w + begin, n_in, chain, k, here, g, sums[c]);
      for (; k < chain.count; ++k) add_columns<T, 1>(w + begin, n_in, chain, k, here, g, sums[c]);
    }
    for (Index i = 0; i < here; i += lanes)
      finish((begin + i) / lanes, sum_of_chains<T, count>([&](int c) { return load<T>(sums[c] + i); }));
  }
}

/// each_combination, tile by tile.
template <class T, bool neighbours, int count, class Finish>
BACKPROVE_INLINE void combine_by_tiles(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, int first,
                                       Finish&& finish) {
  constexpr Index lanes = lanes_of<T>;
  constexpr int most = BACKPROVE_VECTOR_BYTES == 64 ? 4 : 2;  // so that the sums fit into the registers
  Index i = from;
  const auto part = [&](Index v, Vec<T> sum) { finish(i + v * lanes, sum); };
  for (; i + most * lanes <= to; i += most * lanes)
    combine_tile<T, most, neighbours, count>(w + i, n_in, n_out, g, first, lanes, part);
  for (; i + lanes <= to; i += lanes) combine_tile<T, 1, neighbours, count>(w + i, n_in, n_out, g, first, lanes, part);
  if (i < to) combine_tile<T, 1, neighbours, count>(w + i, n_in, n_out, g, first, to - i, part);
}

/// finish(i, what `count` chains from `first` on have for the numbers i to i + lanes of W g) for every vector of
/// [from, to).
template <class T, bool far, int count, class Finish>
BACKPROVE_INLINE void each_combination(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, int first,
                                       Finish&& finish) {
  if (n_in * n_out * static_cast<Index>(sizeof(T)) > most_bytes_of_tiles) {
    const Index whole = (to - from) / lanes_of<T> * lanes_of<T>;
    combine_by_columns<T, count, far>(w + from, n_in, n_out, g, first, whole,
                                      [&](Index v, Vec<T> sum) { finish(from + v * lanes_of<T>, sum); });
    from += whole;
  }
  if (count < column_chains || ColumnChain::neighbours(n_out, lanes_of<T>))
    return combine_by_tiles<T, true, count>(w, n_in, n_out, from, to, g, first, finish);
  if constexpr (count == column_chains) combine_by_tiles<T, false, count>(w, n_in, n_out, from, to, g, first, finish);
}

template <class T, bool far>
void combine_columns(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, T* x_bar) {
  each_combination<T, far, column_chains>(w, n_in, n_out, from, to, g, 0,
                                          [&](Index i, Vec<T> sum) { store<T>(x_bar + i, sum); });
}

template <class T, bool far>
void combine_part(const T* w, Index n_in, Index n_out, int part, int parts, const T* g, T* sums) {
  const auto put = [&](Index i, Vec<T> sum) { store<T>(sums + i, sum); };
  if (parts == 2)
    each_combination<T, far, column_chains / 2>(w, n_in, n_out, 0, n_in, g, part * column_chains / 2, put);
  else
    each_combination<T, far, 1>(w, n_in, n_out, 0, n_in, g, part, put);
}

template <class T>
void add_parts(const T* sums, Index room, int parts, Index from, Index to, T* x_bar) {
  for (Index i = from; i < to; i += lanes_of<T>) {
    const auto sum = [&](int part) { return load<T>(sums + part * room + i); };
    store<T>(x_bar + i, parts == 2 ? sum_of_chains<T, 2>(sum) : sum_of_chains<T, column_chains>(sum));
  }
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
