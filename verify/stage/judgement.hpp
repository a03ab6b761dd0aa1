#pragma once

#include <string>
#include <vector>

#include "core/types.hpp"

/// What the stage-local check says (docs: a stage is one layer's backward step, or the loss's).
namespace backprove {

enum class Finding { pass, fail_formula, fail_accuracy, fail_nonfinite, inconclusive, vacuous };
std::string_view name_of(Finding finding);
inline bool is_failure(Finding finding) {
  return finding == Finding::fail_formula || finding == Finding::fail_accuracy || finding == Finding::fail_nonfinite;
}

/// One tensor that a stage computed, against the exact result from the same inputs.
struct TensorJudgement {
  std::string stage;   ///< "layer 3, tanh(16)", "loss, softmax_cross_entropy"
  std::string tensor;  ///< "input gradient", "weight gradient", "bias gradient", ...
  Finding finding = Finding::pass;
  Index row = 0, column = 0;      ///< the worst entry: error over bound
  double got = 0, reference = 0;  ///< there
  double error_over_bound = 0;
  double median_over_bound = 0;  ///< over the entries with a positive bound
  double resolution = 0;   ///< the largest bound over the largest |reference|: a smaller error would not have been seen
  double lost_digits = 0;  ///< decimal digits lost against the scalar's own, worst entry
  std::string reason;      ///< of an inconclusive one, if it is not the resolution
  std::string hint;        ///< the pattern that fits a failure, or empty
};

/// The failures first, each as one line for people: stage, tensor, index, values, error over bound, pattern.
std::string sentence(const TensorJudgement& judgement);

}  // namespace backprove
