#include "verify/stage/judgement.hpp"

#include <fmt/format.h>

namespace backprove {

std::string_view name_of(Finding finding) {
  switch (finding) {
    case Finding::pass:
      return "PASS";
    case Finding::fail_formula:
      return "FAIL(formula)";
    case Finding::fail_accuracy:
      return "FAIL(accuracy)";
    case Finding::fail_nonfinite:
      return "FAIL(nonfinite)";
    case Finding::inconclusive:
      return "INCONCLUSIVE";
    case Finding::vacuous:
      return "VACUOUS";
  }
  return "";
}

std::string sentence(const TensorJudgement& j) {
  std::string text = fmt::format("{} {}, {}", name_of(j.finding), j.stage, j.tensor);
  if (is_failure(j.finding)) {
    text += fmt::format(", entry ({}, {}): got {:.17g}, exact {:.17g}, {:.3g} times the bound", j.row, j.column, j.got,
                        j.reference, j.error_over_bound);
    if (j.finding == Finding::fail_accuracy) text += fmt::format(", {:.1f} digits lost", j.lost_digits);
    if (!j.hint.empty()) text += "; pattern: " + j.hint;
  } else if (j.finding == Finding::pass) {
    text +=
        fmt::format(": at most {:.3g} times the bound; an error of {:.2g} of the largest entry would have been seen",
                    j.error_over_bound, j.resolution);
  } else if (j.finding == Finding::vacuous) {
    text += ": the exact gradient is zero here, so that any factor in front of it would pass";
  } else if (!j.reason.empty()) {
    text += ": " + j.reason;
  } else {
    text += fmt::format(": the bound is {:.2g} times the largest entry", j.resolution);
  }
  return text;
}

}  // namespace backprove
