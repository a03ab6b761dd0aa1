#pragma once

#include "core/kernels/double_double.hpp"
#include "core/kernels/simd/vector.hpp"

// Every operation here must be rounded once, as written: -ffp-contract=off is not a matter of taste for this file.

namespace backprove::BACKPROVE_ISA {

/// A number cut into two parts of 26 bits, whose products are exact (Veltkamp, Dekker 1971); where a fused
/// multiplication serves, nothing is cut.
struct Cut {
  Vec<double> whole;
#if BACKPROVE_VECTOR_BYTES == 16
  Vec<double> high, low;
#endif
};
inline Cut cut(Vec<double> x) {
#if BACKPROVE_VECTOR_BYTES == 16
  const Vec<double> scaled = x * all<double>(0x1p27 + 1), high = scaled - (scaled - x);
  return {x, high, x - high};
#else
  return {x};
#endif
}

/// a b - product, exactly, for product = a b rounded.
inline Vec<double> product_error(const Cut& a, const Cut& b, Vec<double> product) {
#if BACKPROVE_VECTOR_BYTES == 16
  return a.low * b.low - (((product - a.high * b.high) - a.low * b.high) - a.high * b.low);
#else
  return multiply_add(a.whole, b.whole, -product);
#endif
}

/// The running sums of one vector of entries.
struct DoubleDoubleSum {
  Vec<double> hi{}, lo{}, size{};

  void add(const Cut& a, const Cut& b) {
    const Vec<double> product = a.whole * b.whole, error = product_error(a, b, product);
    const Vec<double> sum = hi + product, other = sum - hi;  // Knuth: sum + rest = hi + product exactly
    const Vec<double> rest = (hi - (sum - other)) + (product - other);
    const Vec<double> small = lo + (rest + error);
    hi = sum + small;  // Dekker: hi + lo = sum + small exactly, but where |small| > |sum|
    lo = small - (hi - sum);
    size += magnitude<double>(product);
  }
};

/// `columns` columns of one vector of rows, of which `rows` are there.
template <int columns>
inline void double_double_tile(const DoubleDoubleProduct& p, Index i, Index j, Index rows) {
  DoubleDoubleSum sums[columns];
  const bool full = rows == lanes_of<double>;
  for (Index k = 0; k < p.inner; ++k) {
    const double* from = p.a + k * p.a_k + i;
    const Cut row = cut(full ? load<double>(from) : load_first<double>(from, rows));
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) sums[c].add(row, cut(all<double>(p.b[k * p.b_k + (j + c) * p.b_j])));
  }
  for (int c = 0; c < columns; ++c) {
    const Index at = (j + c) * p.m + i;
    store_first<double>(p.hi + at, sums[c].hi, rows);
    store_first<double>(p.lo + at, sums[c].lo, rows);
    store_first<double>(p.size + at, sums[c].size, rows);
  }
}

inline void double_double_multiply(const DoubleDoubleProduct& p) {
  constexpr int columns = BACKPROVE_VECTOR_BYTES == 16 ? 2 : 4;
  constexpr Index lanes = lanes_of<double>;
  for (Index i = 0; i < p.m; i += lanes) {
    const Index rows = smaller(lanes, p.m - i);
    Index j = 0;
    for (; j + columns <= p.n; j += columns) double_double_tile<columns>(p, i, j, rows);
    for (; j < p.n; ++j) double_double_tile<1>(p, i, j, rows);
  }
}

void multiply_double_double(const DoubleDoubleProduct& p);
void multiply_double_double(const DoubleDoubleProduct& p) { double_double_multiply(p); }

}  // namespace backprove::BACKPROVE_ISA
