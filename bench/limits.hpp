#pragma once

#include <array>
#include <filesystem>

#include "bench/sampling.hpp"
#include "core/kernels/products/library.hpp"
#include "core/record/row.hpp"

namespace backprove {

/// C (m x n) = A (m x k) B (k x n), or A B^T.
struct ProductShape {
  Index m = 0, k = 0, n = 0;
  bool b_transposed = false;

  double flops() const { return 2.0 * static_cast<double>(m) * static_cast<double>(k) * static_cast<double>(n); }
  auto operator<=>(const ProductShape&) const = default;
};
std::string name_of(const ProductShape& shape);

/// "512x32x512" as m, k, n; with a t behind it for A B^T. Throws std::invalid_argument.
ProductShape shape_named(const std::string& whole);

/// What the machine can do at most, measured in this process.
struct LimitsPlan {
  std::vector<std::string> scalars = {"float", "double"};  ///< of peaks and products
  std::vector<int> threads = {1};
  std::vector<ProductShape> shapes;
  std::vector<const ProductLibrary*> libraries;
  SamplingPlan sampling;
};

/// Rows `peak_flops` (the fastest of the loops that this processor has, each a row), `bandwidth` (a = b + s c over
/// arrays that fill half of a cache, and four times the largest) and `product_flops` (every library that is there
/// and right; one that is not is a row with the reason).
std::vector<Row> measure_limits(const LimitsPlan& plan, const std::function<void(const std::string&)>& say);

/// One library's product on every thread at once, to be timed; no call where it has none.
struct TimedProduct {
  Timed timed;
  double products = 0;  ///< that a call computes, on all threads
};
TimedProduct product_of(const ProductLibrary& library, const ProductShape& shape, const std::string& scalar,
                        int threads);

/// a = b + s c on every thread at once, in three arrays of its own of `numbers` doubles each, `repeats` times a call.
Timed triad_of(Index numbers, Index repeats, int threads);
/// Bytes that a call of it moves.
inline double triad_bytes(Index numbers, Index repeats, int threads) {
  return 24.0 * static_cast<double>(numbers * repeats) * threads;
}

/// A table for people.
std::string limits_table(const std::vector<Row>& rows);

}  // namespace backprove
