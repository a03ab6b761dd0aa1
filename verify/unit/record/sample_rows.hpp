#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/record/row.hpp"

namespace backprove::test {

inline Cell sample_cell(int number = 0) {
  Cell cell;
  cell.network = "affine(8,4) tanh affine(4,2)";
  cell.depth = 2;
  cell.width = 8;
  cell.batch = 3 + number;
  cell.loss = "softmax_cross_entropy";
  cell.data = "digits";
  cell.seed = std::numeric_limits<std::uint64_t>::max();
  cell.strategy = "reverse_vjp";
  cell.scalar = "double";
  cell.kernel = "generic";
  cell.threads = 2;
  cell.options = {{"reduction", "mean"}, {"train", "300"}};
  return cell;
}

/// Three rows of one cell; the numbers need all 17 digits, or are none.
inline std::vector<Row> sample_rows(int number = 0) {
  return {make_row(sample_cell(number), "error_max_relative", 0.1 + 0.2 + number),
          make_row(sample_cell(number), "max_ulp", std::numeric_limits<double>::quiet_NaN(), Status::nonfinite,
                   "a \"note\", with\na line end and \xc3\xa9"),
          make_row(sample_cell(number), "error_over_bound", -std::numeric_limits<double>::infinity(), Status::failed)};
}

}  // namespace backprove::test
