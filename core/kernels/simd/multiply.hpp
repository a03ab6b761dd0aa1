#pragma once

#include "core/kernels/primitives.hpp"
#include "core/kernels/simd/vector.hpp"

namespace backprove::BACKPROVE_ISA {

/// Columns of a tile, chosen so that its sums and one vector of A and B fit into the registers. Sums of one vector are
/// so few that more columns pay, where their numbers of B are neighbours.
template <int vectors, bool by_rows>
inline constexpr int most_columns = BACKPROVE_VECTOR_BYTES == 64 ? (vectors == 4              ? 6
                                                                    : vectors == 1 && by_rows ? 16
                                                                                              : 8)
                                    : vectors == 1               ? 8
                                    : vectors == 2               ? 6
                                    : vectors == 3               ? 4
                                                                 : 3;

/// Rows of B that are passed over together where the columns of a tile lie in rows far apart: every row is then read
/// from end to end, and what the tiles share of a line is still in the second cache. So many rows of one panel of A
/// stay in the first cache, and what they lie in are pages that a core reads ahead in by itself: measured on an Intel
/// Golden Cove, 64 rows of 4 KiB come from memory twice as fast as 128.
inline Index rows_together(Index inner, Index bytes_of_row) {
  constexpr Index page = 4096, pages_read_ahead = 64, rows_in_first_cache = 128;
  if (inner <= pages_read_ahead) return inner;
  const Index most = smaller(rows_in_first_cache, pages_read_ahead * page / smaller(page, larger(1, bytes_of_row)));
  return parts_of(inner, parts_of(inner, most));
}

/// Behind a sum of so many products it costs nothing to have asked for the lines that are needed then.
inline constexpr Index long_sum = 128;

/// The part of the inner sum that a tile adds; one that `resumes` goes on with what C holds. A tile `asks` ahead for
/// its part of C where that is too large for the second cache or the sum is long: lines of the second cache arrive in
/// time, and asking for them before a short sum costs more.
struct Span {
  Index from, length;
  bool resumes, asks;
};

/// What the next tile reads of B, to be asked for meanwhile: a line in every step of the sum, `step` bytes apart.
struct Ahead {
  std::uintptr_t from, step;

  template <class T>
  static Ahead of(const T* b, Index numbers, Index step) {
    return {address_behind(b, numbers), static_cast<std::uintptr_t>(step) * sizeof(T)};
  }
};

/// One tile: `vectors` vectors by `columns` columns, all sums in registers. B's columns lie b_j apart, each one's
/// numbers side by side; or (by_rows) its rows lie b_k apart, the columns side by side.
template <class T, int vectors, int columns, bool by_rows>
inline void tile(const Multiply<T>& m, const Span& span, Ahead ahead, const T* a, const T* b, const T* bias, T* c,
                 Index rows) {
  constexpr Index lanes = lanes_of<T>;
  Vec<T> sum[columns][vectors];
  const auto held = [&](int j, int v) {  // what C holds
    const T* p = c + j * m.c_j + v * lanes;
    const Index here = rows - v * lanes;
    return here >= lanes ? load<T>(p) : load_first<T>(p, larger(here, 0));
  };
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j) {
    const Vec<T> start = bias ? all<T>(bias[j]) : Vec<T>{};
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      if (by_rows && (span.resumes || m.adds)) {
        sum[j][v] = held(j, v);
      } else {
        sum[j][v] = start;
        if (span.asks) __builtin_prefetch(c + j * m.c_j + v * lanes, 1);  // to be written when the sum is there
      }
    }
  }
  for (Index left = span.length; left > 0; left -= m.segment) {
    const Index length = left < m.segment ? left : m.segment;
    for (Index k = 0; k < length; ++k) {
      ask_for<by_rows>(ahead.from);
      ahead.from += ahead.step;
      Vec<T> row[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) row[v] = load<T>(a + v * lanes);
#pragma GCC unroll 16
      for (int j = 0; j < columns; ++j) {
        const Vec<T> factor = all<T>(by_rows ? b[k * m.b_k + j] : b[k + j * m.b_j]);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) sum[j][v] = multiply_add(row[v], factor, sum[j][v]);
      }
      a += m.a_step;
    }
    b += m.b_segment;
  }
  if (!by_rows && m.adds) {
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j)
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[j][v] += held(j, v);
  }
  if (rows >= vectors * lanes) {
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j)
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) store<T>(c + j * m.c_j + v * lanes, sum[j][v]);
    return;
  }
#pragma GCC unroll 16  // with an index that is not known, the sums would live in memory
  for (int j = 0; j < columns; ++j)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v)
      if (rows > v * lanes) store_first<T>(c + j * m.c_j + v * lanes, sum[j][v], smaller(lanes, rows - v * lanes));
}

/// The tile with a number of columns that is known only now.
template <class T, int vectors, bool by_rows, int columns = most_columns<vectors, by_rows>>
inline void tile_of(Index wanted, const Multiply<T>& m, const Span& span, const Ahead& ahead, const T* a, const T* b,
                    const T* bias, T* c, Index rows) {
  if (wanted == columns)
    tile<T, vectors, columns, by_rows>(m, span, ahead, a, b, bias, c, rows);
  else if constexpr (columns > 1)
    tile_of<T, vectors, by_rows, columns - 1>(wanted, m, span, ahead, a, b, bias, c, rows);
}

/// What tile (p, j), whose numbers of B begin at b, asks for: of the columns that follow, each panel's tile its share;
/// of rows, the next line of each: what a core reads ahead by itself alone comes later.
template <class T, bool by_rows>
inline Ahead ahead_of(const Multiply<T>& m, const T* b, Index p, Index wide) {
  if (by_rows) return Ahead::of(b, 64 / static_cast<Index>(sizeof(T)) + wide, m.b_k);
  const Index k = m.inner * p / m.panels;
  const Index next = wide * m.b_j + k / m.segment * m.b_segment + k % m.segment * wide;
  return Ahead::of(b, next, parts_of(wide, m.panels));
}

/// Asks for all of n numbers.
template <class T>
inline void fetch_all(const T* x, Index n) {
  for (Index i = 0; i < n; i += 64 / static_cast<Index>(sizeof(T))) __builtin_prefetch(x + i);
}

/// What stays in the second cache: panels of A while the tiles' columns of B pass by; C.
template <class T>
inline constexpr Index resident_numbers = (512 << 10) / static_cast<Index>(sizeof(T));

/// One tile, and what is done to it when its sum is there.
template <class T, int vectors, bool by_rows>
inline void multiply_tile(const Multiply<T>& m, const Span& span, Index p, Index j, Index wide) {
  const T* b = m.b + j * m.b_j + (by_rows ? span.from * m.b_k : 0);
  const Index at = p * m.c_panel + j * m.c_j, numbers = wide * m.c_j;
  T* c = m.c + at;
  const Index rows = p + 1 == m.panels ? m.last_rows : vectors * lanes_of<T>;
  const bool last = span.from + span.length == m.inner;
  if (last && m.pull && span.asks) {
    fetch_all(m.y + at, numbers);
    if (m.x) fetch_all(m.x + at, numbers);
  }
  tile_of<T, vectors, by_rows>(wide, m, span, ahead_of<T, by_rows>(m, b, p, wide),
                               m.a + p * m.a_panel + span.from * m.a_step, b, m.bias ? m.bias + j : nullptr, c, rows);
  if (!last) return;
  if (m.value) m.value->value(c, m.value_to + at, numbers);
  if (m.pull) m.pull->pull(m.by, c, m.x ? m.x + at : nullptr, m.y + at, c, numbers);
}

/// Some panels of A by some rows of B: all tiles, each for all panels.
template <class T, int vectors, bool by_rows>
void multiply_part(const Multiply<T>& m, Index first, Index last, const Span& span) {
  const Index columns = m.to - m.from;
  const Index tiles = parts_of(columns, most_columns<vectors, by_rows>);
  // Tiles of nearly equal numbers of columns.
  const Index narrow = tiles == 1 ? columns : columns / tiles, wider = columns - narrow * tiles;
  for (Index t = 0, j = m.from, wide = 0; t < tiles; ++t, j += wide) {
    wide = narrow + (t < wider ? 1 : 0);
    for (Index p = first; p < last; ++p) multiply_tile<T, vectors, by_rows>(m, span, p, j, wide);
  }
}

template <class T, int vectors>
void multiply_by(const Multiply<T>& m) {
  if (m.to <= m.from) return;
  const bool by_rows = m.b_k != 1;
  const bool asks = m.inner >= long_sum || (m.to - m.from) * m.c_j > resident_numbers<T>;
  const Index together = by_rows ? rows_together(m.inner, m.b_k * static_cast<Index>(sizeof(T))) : m.inner;
  Index group = 1;
  if (m.panels > 1) {  // rows of A, and of C where it is read again
    const Index of_panel = together + (together < m.inner ? m.to - m.from : 0);
    group = larger(1, resident_numbers<T> / larger(1, of_panel * m.a_step));
  }
  for (Index first = 0; first < m.panels; first += group) {
    const Index last = smaller(m.panels, first + group);
    for (Index from = 0; from < m.inner; from += together) {
      const Span span{from, smaller(together, m.inner - from), from > 0, asks};
      if (!by_rows)
        multiply_part<T, vectors, false>(m, first, last, span);
      else if (together == m.inner)
        multiply_part<T, vectors, true>(m, first, last, span);
      else  // one panel after the other
        for (Index p = first; p < last; ++p) multiply_part<T, vectors, true>(m, p, p + 1, span);
    }
  }
}

template <class T>
void multiply(const Multiply<T>& m) {
  switch (m.vectors) {
    case 1:
      return multiply_by<T, 1>(m);
    case 2:
      return multiply_by<T, 2>(m);
    case 3:
      return multiply_by<T, 3>(m);
    default:
      return multiply_by<T, 4>(m);
  }
}

}  // namespace backprove::BACKPROVE_ISA
