#pragma once

#include "core/record/row.hpp"

namespace backprove {

/// For every kind of stage and tensor, in each scalar: how many were judged, the median and the largest error over
/// bound, and the median resolution; then a histogram of all error-over-bound ratios. Empty without stage rows.
std::string stage_table(const std::vector<Row>& rows);

}  // namespace backprove
