#pragma once

#include "core/kernels/primitives.hpp"
#include "core/kernels/simd/vector.hpp"

/// Sums over the samples in sample-fast layout: lanes are samples, and are added to each other at the end.
namespace backprove::BACKPROVE_ISA {

/// f(panel, s, left) for every vector of the samples [begin, end), which starts at sample s of the panel; `left`
/// samples are still to come, in the last vector fewer than there are lanes.
template <class T, class F>
BACKPROVE_INLINE void each_vector(Index width, Index begin, Index end, F&& f) {
  Index left = end - begin, panel = 0, s = 0;
  if (begin > 0) {  // most begin at 0, where a division would take as long as a few vectors
    panel = begin / width;
    s = begin % width;
  }
  for (; left > 0; ++panel, s = 0)
    for (; s < width && left > 0; s += lanes_of<T>, left -= lanes_of<T>) f(panel, s, left);
}

template <class T>
BACKPROVE_INLINE void put(T* to, Vec<T> sums, Index n, bool adds) {
  store_part<T>(to, adds ? sums + load_part<T>(to, n) : sums, n);
}

template <class T>
void sum_samples(const T* g, Index width, Index n, Index begin, Index end, Index from, Index to, bool adds, T* out) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  for (Index j = from; j < to; j += lanes) {
    const Index here = smaller(lanes, to - j);
    Vec<T> sum[lanes] = {};
    each_vector<T>(width, begin, end, [&](Index panel, Index s, Index left) BACKPROVE_INLINE_LAMBDA {
      const T* p = g + (panel * n + j) * width + s;
#pragma GCC unroll 16
      for (int k = 0; k < lanes; ++k)
        if (k < here) sum[k] += load_part<T>(p + k * width, left);
    });
    put<T>(out + j, sums_of_lanes<T>(sum), here, adds);
  }
}

/// Features of x and of g whose products' sums fit into the registers together.
inline constexpr int pair_rows = BACKPROVE_VECTOR_BYTES / 8, pair_columns = 2;

/// The sums of pair_rows features of x from i on times each of pair_columns of g from j on, side by side; `here` of the
/// rows and `wide` of the columns are wanted.
template <class T>
BACKPROVE_INLINE void sums_of_pairs(const SampleSums<T>& m, Index i, Index j, Index here, Index wide, Vec<T>* to) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  Vec<T> sum[pair_rows * pair_columns] = {};
  each_vector<T>(m.width, m.begin, m.end, [&](Index panel, Index s, Index left) BACKPROVE_INLINE_LAMBDA {
    const T* x = m.x + (panel * m.n_in + i) * m.width + s;
    const T* g = m.g + (panel * m.n_out + j) * m.width + s;
    Vec<T> row[pair_rows];
#pragma GCC unroll 8
    for (int r = 0; r < pair_rows; ++r) row[r] = r < here ? load_part<T>(x + r * m.width, left) : Vec<T>{};
#pragma GCC unroll 2
    for (int c = 0; c < pair_columns; ++c) {
      const Vec<T> factor = c < wide ? load_part<T>(g + c * m.width, left) : Vec<T>{};
#pragma GCC unroll 8
      for (int r = 0; r < pair_rows; ++r) sum[c * pair_rows + r] = multiply_add(row[r], factor, sum[c * pair_rows + r]);
    }
  });
#pragma GCC unroll 2
  for (int k = 0; k < pair_rows * pair_columns / lanes; ++k) to[k] = sums_of_lanes<T>(sum + k * lanes);
}

template <class T>
void sum_products(const SampleSums<T>& m) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  for (Index i = 0; i < m.n_in; i += pair_rows) {
    const Index here = smaller(pair_rows, m.n_in - i);
    for (Index j = m.from; j < m.to; j += pair_columns) {
      const Index wide = smaller(pair_columns, m.to - j);
      Vec<T> sums[pair_columns];
      sums_of_pairs<T>(m, i, j, here, wide, sums);
      T* to = m.w_bar + j * m.n_in + i;
      if constexpr (lanes > pair_rows) {  // both columns are in one vector
        if (m.n_in == pair_rows && wide == pair_columns) {
          put<T>(to, sums[0], lanes, m.adds);
          continue;
        }
        sums[1] = upper_blocks<T, lanes / 2>(sums[0], sums[0], every_lane<T>());
      }
      put<T>(to, sums[0], here, m.adds);
      if (wide > 1) put<T>(to + m.n_in, sums[1], here, m.adds);
    }
  }
}

}  // namespace backprove::BACKPROVE_ISA
