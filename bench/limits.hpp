#pragma once

#include <array>
#include <filesystem>

#include "bench/sampling.hpp"
#include "core/record/row.hpp"

namespace backprove {

/// C (m x n) = A (m x k) B (k x n).
struct ProductShape {
  Index m = 0, k = 0, n = 0;
};

/// "512x32x512" as m, k, n. Throws std::invalid_argument.
ProductShape shape_named(const std::string& text);

/// What the machine can do at most, measured in this process.
struct LimitsPlan {
  std::vector<std::string> scalars = {"float", "double"};  ///< of peaks and products
  std::vector<int> threads = {1};
  std::vector<ProductShape> shapes;
  SamplingPlan sampling;
};

/// Rows `peak_flops` (the fastest of the loops that this processor has, each a row), `bandwidth` (a = b + s c over
/// arrays that fill half of a cache, and four times the largest) and `product_flops` (the products that the strategies
/// use).
std::vector<Row> measure_limits(const LimitsPlan& plan, const std::function<void(const std::string&)>& say);

/// A table for people.
std::string limits_table(const std::vector<Row>& rows);

}  // namespace backprove
