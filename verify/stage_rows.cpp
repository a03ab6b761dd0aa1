#include "verify/stage_rows.hpp"

#include <algorithm>
#include <cmath>

#include "core/promotion.hpp"
#include "verify/adversary.hpp"
#include "verify/stage/stages.hpp"

namespace backprove {

namespace {

Status status_of(Finding finding) {
  switch (finding) {
    case Finding::pass:
      return Status::ok;
    case Finding::fail_nonfinite:
      return Status::nonfinite;
    case Finding::fail_formula:
    case Finding::fail_accuracy:
      return Status::failed;
    default:
      return Status::inconclusive;
  }
}

template <class T>
std::vector<TensorJudgement> judge(const CellGroup& group) {
  const Data& data = group.problem->data();
  const Vector<T> theta = data.theta.cast<T>();
  const Matrix<T> x = data.x.cast<T>();
  const Problem<T> problem{group.problem->network(), group.problem->loss(), view(theta), view(x), view(data.y)};
  const SweepRecord<T> record = record_sweep<T>(problem, group.options, ReverseSteps<T>());
  return judge_stages<T>(problem, record, group.options.input_gradient);
}

/// The tape of intervals over the widest layer, one sample at a time, and the recorded sweep.
std::string beyond_limit(const CellGroup& group) {
  const Shape shape{group.problem->network(), group.problem->spec().recipe.batch, group.options.input_gradient, 1};
  return beyond(group.limits, strategy_named("enclosure").predict(shape), 1);
}

}  // namespace

std::vector<Row> stage_rows(const CellGroup& group) {
  const std::string_view scalar = group.engine->name();
  const bool reverse = std::ranges::any_of(group.strategies, [](const auto* s) { return s->name == "reverse_vjp"; });
  if (!reverse || (scalar != "float" && scalar != "double")) return {};
  std::vector<Row> rows;
  const Cell cell = group.cell("reverse_vjp");
  for (const AdversaryFinding& finding :
       try_adversary(group.problem->network(), group.problem->loss().name(), scalar)) {
    Cell one = cell;
    one.options["subject"] = finding.subject;
    rows.push_back(make_row(one, "adversary_rejections", finding.rejections,
                            finding.rejections > 0 ? Status::failed : Status::ok,
                            finding.rejections > 0 ? finding.first : fmt::format("of {} checks", finding.checks)));
  }
  if (const std::string limit = beyond_limit(group); !limit.empty()) {
    rows.push_back(make_row(cell, "stage_error_over_bound", std::nan(""), Status::limit, limit));
    return rows;
  }
  for (const TensorJudgement& judgement : scalar == "float" ? judge<float>(group) : judge<double>(group)) {
    Cell one = cell;
    one.options["stage"] = judgement.stage;
    one.options["tensor"] = judgement.tensor;
    rows.push_back(make_row(one, "stage_error_over_bound", judgement.error_over_bound, status_of(judgement.finding),
                            sentence(judgement)));
    rows.push_back(make_row(one, "stage_median_over_bound", judgement.median_over_bound));
    rows.push_back(make_row(one, "stage_resolution", judgement.resolution));
    rows.push_back(make_row(one, "lost_digits", judgement.lost_digits));
  }
  return rows;
}

}  // namespace backprove
