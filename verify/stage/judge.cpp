#include "verify/stage/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "verify/stage/distance.hpp"

namespace backprove {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// What is known of one entry.
struct Entry {
  double error, exact, ratio, relative;
  bool bad_number, unknown;
};

Entry entry_of(double got, const Interval& exact, double bound) {
  Entry e{0, to_double(exact), 0, 0, false, false};
  e.unknown = exact.is_nan() || !std::isfinite(e.exact) || !std::isfinite(bound);
  e.bad_number = !std::isfinite(got) && !e.unknown;
  if (e.unknown || e.bad_number) return e;
  e.error = outside_by(got, exact);
  e.ratio = e.error == 0 ? 0 : bound > 0 ? e.error / bound : infinite;
  e.relative = e.error == 0 ? 0 : e.exact != 0 ? e.error / std::abs(e.exact) : infinite;
  return e;
}

double median(std::vector<double>& numbers) {
  if (numbers.empty()) return 0;
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

void take_worst(TensorJudgement& j, Index i, Index rows, double got, const Entry& entry) {
  j.row = i % rows;
  j.column = i / rows;
  j.got = got;
  j.reference = entry.exact;
  j.error_over_bound = entry.bad_number ? infinite : entry.ratio;
}

}  // namespace

TensorJudgement judge_tensor(const TensorTask& task, const Matrix<double>& got, const ExactTensor& exact) {
  TensorJudgement j;
  j.stage = task.stage;
  j.tensor = task.tensor;
  double largest = 0, widest = 0, worst = -1, worst_relative = 0;
  Index unknown = 0, bad = 0, least_accurate = -1;
  std::vector<double> ratios;
  // Digits are owed where the result is a normal number: below float's 2^-126 rounding is absolute.
  const double normal = task.unit_roundoff > 0x1p-30 ? 0x1p-126 : 0x1p-1022;
  for (Index i = 0; i < got.size(); ++i) {
    const double bound = exact.bound.data()[i];
    const Entry entry = entry_of(got.data()[i], exact.entries[static_cast<std::size_t>(i)], bound);
    unknown += entry.unknown ? 1 : 0;
    if (entry.unknown) continue;
    bad += entry.bad_number ? 1 : 0;
    largest = std::max(largest, exact.entries[static_cast<std::size_t>(i)].magnitude_double());
    widest = std::max(widest, bound);
    if (bound > 0) ratios.push_back(entry.ratio);
    const double rank = entry.bad_number ? infinite : entry.ratio;
    if (rank > worst) {
      worst = rank;
      take_worst(j, i, got.rows(), got.data()[i], entry);
    }
    const double slope = task.cotangent ? std::abs(entry.exact / task.cotangent->data()[i]) : entry.exact;
    if (std::abs(entry.exact) > normal && std::abs(slope) > normal && entry.relative > worst_relative) {
      worst_relative = entry.relative;
      least_accurate = i;
    }
  }
  j.median_over_bound = median(ratios);
  j.resolution = largest > 0 ? widest / largest : widest > 0 ? infinite : 0;
  j.lost_digits = worst_relative > task.unit_roundoff ? std::log10(worst_relative / task.unit_roundoff) : 0;
  if (bad > 0)
    j.finding = Finding::fail_nonfinite;
  else if (j.error_over_bound > 1)
    j.finding = Finding::fail_formula;
  else if (task.accurate && worst_relative > accurate_units * task.unit_roundoff) {
    j.finding = Finding::fail_accuracy;
    const auto i = static_cast<std::size_t>(least_accurate);
    take_worst(j, least_accurate, got.rows(), got.data()[i],
               entry_of(got.data()[i], exact.entries[i], exact.bound.data()[i]));
  } else if (unknown > 0)
    j.finding = Finding::inconclusive;
  else if (largest == 0)
    j.finding = Finding::vacuous;
  else if (!(j.resolution < 1))
    j.finding = Finding::inconclusive;
  if (is_failure(j.finding)) {
    Matrix<double> centre(got.rows(), got.cols());
    for (Index i = 0; i < got.size(); ++i) centre.data()[i] = to_double(exact.entries[static_cast<std::size_t>(i)]);
    j.hint = hint_of({got, centre, exact.bound, task.batch, task.columns_are_samples,
                      task.alternatives ? task.alternatives() : std::vector<std::pair<std::string, Matrix<double>>>()});
  }
  return j;
}

}  // namespace backprove
