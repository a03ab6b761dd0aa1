#pragma once

#include "core/kernels/simd/vector.hpp"

namespace backprove::BACKPROVE_ISA {

/// In log2(lanes) steps: step `far` swaps the off-diagonal blocks of every 2 far x 2 far block.
template <class T, int far>
inline void transpose_square(Vec<T>* row) {
  if constexpr (far > 0) {
#pragma GCC unroll 16
    for (int i = 0; i < static_cast<int>(lanes_of<T>); ++i)
      if ((i & far) == 0) {
        const Vec<T> low = row[i], high = row[i + far];
        row[i] = lower_blocks<T, far>(low, high, every_lane<T>());
        row[i + far] = upper_blocks<T, far>(low, high, every_lane<T>());
      }
    transpose_square<T, far / 2>(row);
  }
}

template <class T>
void transpose(const T* from, Index step, Index width, Index n, Index from_i, Index to_i, T* to, Index to_width,
               Index to_panel) {
  constexpr Index lanes = lanes_of<T>;
  for (Index i = from_i; i < to_i; i += lanes) {
    T* target = to + i / to_width * to_panel + i % to_width;
    Index s = 0;
    for (; s + lanes <= width; s += lanes) {
      Vec<T> row[lanes];
#pragma GCC unroll 16
      for (Index k = 0; k < lanes; ++k) row[k] = i + k < n ? load<T>(from + (i + k) * step + s) : Vec<T>{};
      transpose_square<T, static_cast<int>(lanes / 2)>(row);
#pragma GCC unroll 16
      for (Index k = 0; k < lanes; ++k) store<T>(target + (s + k) * to_width, row[k]);
    }
    if (s == width) continue;
    Vec<T> row[lanes];
#pragma GCC unroll 16
    for (Index k = 0; k < lanes; ++k)
      row[k] = i + k < n ? load_first<T>(from + (i + k) * step + s, width - s) : Vec<T>{};
    transpose_square<T, static_cast<int>(lanes / 2)>(row);
    for (Index k = 0; k < width - s; ++k) store<T>(target + (s + k) * to_width, row[k]);
  }
}

}  // namespace backprove::BACKPROVE_ISA
