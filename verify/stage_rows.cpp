#include "verify/stage_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/promotion.hpp"
#include "core/scalars/traits.hpp"
#include "verify/adversary.hpp"
#include "verify/measure.hpp"
#include "verify/stage/sketch.hpp"
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

Status status_of(const SketchJudgement& judgement) {
  if (judgement.failed) return Status::failed;
  return judgement.vacuous || !(judgement.smallest_detectable < 1) ? Status::inconclusive : Status::ok;
}

/// The group's problem in T, and its recorded sweep.
template <class T>
struct Recorded {
  Vector<T> theta;
  Matrix<T> x;
  Problem<T> problem;
  SweepRecord<T> sweep;

  explicit Recorded(const CellGroup& group)
      : theta(group.problem->data().theta.cast<T>()),
        x(group.problem->data().x.cast<T>()),
        problem{group.problem->network(), group.problem->loss(), view(std::as_const(theta)), view(std::as_const(x)),
                view(group.problem->data().y)},
        sweep(record_sweep<T>(problem, group.options, ReverseSteps<T>())) {}
};

template <class T>
std::vector<TensorJudgement> judge(const CellGroup& group) {
  const Recorded<T> recorded(group);
  return judge_stages<T>(recorded.problem, recorded.sweep, group.options.input_gradient);
}

template <class T>
std::vector<SketchJudgement> sketch(const CellGroup& group) {
  const Recorded<T> recorded(group);
  return sketch_stages<T>(recorded.problem, recorded.sweep, group.options.input_gradient, {group.sketch, 1});
}

std::vector<Row> sketch_rows(const CellGroup& group, const Cell& cell) {
  using Clock = std::chrono::steady_clock;
  std::vector<Row> rows;
  const auto start = Clock::now();
  const std::vector<SketchJudgement> judgements = cell.scalar == "float" ? sketch<float>(group) : sketch<double>(group);
  rows.push_back(make_row(cell, "sketch_seconds", std::chrono::duration<double>(Clock::now() - start).count()));
  for (const SketchJudgement& judgement : judgements) {
    Cell one = cell;
    one.options["stage"] = judgement.stage;
    one.options["tensor"] = judgement.tensor;
    one.options["directions"] = std::to_string(group.sketch);
    rows.push_back(make_row(one, "sketch_over_bound", judgement.over_bound, status_of(judgement), sentence(judgement)));
    rows.push_back(
        make_row(one, "sketch_smallest_detectable", judgement.smallest_detectable, Status::ok,
                 fmt::format("miss probability for spread errors {:.3g}", sketch_miss_probability(group.sketch))));
  }
  return rows;
}

/// The batch's parameter gradient against the reduced sum of single-sample gradients, each within its running error;
/// NaN when no entry has a finite bound.
template <class T>
double per_sample_over_bound(const CellGroup& group) {
  const Data& data = group.problem->data();
  const Network& network = group.problem->network();
  const Loss& loss = group.problem->loss();
  const Index batch = data.x.cols(), count = network.parameters();
  const Arithmetic arithmetic = *rounding_of<T>();
  Options options;
  options.input_gradient = false;
  const auto run = [&](const Engine& engine, Index begin, Index samples) {
    return engine.run(
        "reverse_vjp",
        {network, loss, view(data.theta), In<double>(data.x.data() + begin * data.x.rows(), data.x.rows(), samples),
         In<double>(data.y.data() + begin * data.y.rows(), data.y.rows(), samples), options});
  };
  const ArithmeticScope scope(arithmetic);
  const Engine& bounds = engine_named("running_error");
  const Outcome whole = run(*group.engine, 0, batch), whole_bound = run(bounds, 0, batch);
  const double scale = loss.reduction == Reduction::mean ? 1 / static_cast<double>(batch) : 1;
  Vector<long double> sum = Vector<long double>::Zero(count);
  Vector<double> bound = whole_bound.radius;
  for (Index s = 0; s < batch; ++s) {
    const Outcome one = run(*group.engine, s, 1), one_bound = run(bounds, s, 1);
    for (Index k = 0; k < count; ++k) {
      sum(k) += static_cast<long double>(scale) * one.gradient.as_double(k);
      // The sum itself is taken in long double, the scale rounded to double.
      bound(k) += scale * (one_bound.radius(k) + 0x1p-52 * std::abs(one.gradient.as_double(k)));
    }
  }
  double worst = -1;
  for (Index k = 0; k < count; ++k) {
    if (!std::isfinite(bound(k))) continue;
    const double difference =
        static_cast<double>(std::abs(sum(k) - static_cast<long double>(whole.gradient.as_double(k))));
    worst = std::max(worst, ratio(difference, bound(k)));
  }
  return worst < 0 ? std::nan("") : worst;
}

Row per_sample_row(const CellGroup& group, const Cell& cell) {
  const double worst =
      group.engine->name() == "float" ? per_sample_over_bound<float>(group) : per_sample_over_bound<double>(group);
  const Status status = std::isnan(worst) ? Status::inconclusive : worst <= 1 ? Status::ok : Status::failed;
  return make_row(cell, "per_sample_error_over_bound", worst, status,
                  status == Status::failed ? "the gradient of the batch is not the sum of its samples' gradients" : "");
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
  if (group.sketch > 0) {
    const std::vector<Row> sketched = sketch_rows(group, cell);
    rows.insert(rows.end(), sketched.begin(), sketched.end());
    return rows;
  }
  if (const std::string limit = beyond_limit(group); !limit.empty()) {
    rows.push_back(make_row(cell, "stage_error_over_bound", std::nan(""), Status::limit, limit));
    return rows;
  }
  if (group.problem->network().parameters() > 0 && group.problem->spec().recipe.batch > 1)
    rows.push_back(per_sample_row(group, cell));
  for (const TensorJudgement& judgement : scalar == "float" ? judge<float>(group) : judge<double>(group)) {
    Cell one = cell;
    one.options["stage"] = judgement.stage;
    one.options["tensor"] = judgement.tensor;
    const bool too_coarse = judgement.finding == Finding::pass && !(judgement.resolution <= group.resolution);
    rows.push_back(make_row(one, "stage_error_over_bound", judgement.error_over_bound,
                            too_coarse ? Status::inconclusive : status_of(judgement.finding),
                            too_coarse ? fmt::format("INCONCLUSIVE(resolution): {:.3g} was asked for; {}",
                                                     group.resolution, sentence(judgement))
                                       : sentence(judgement)));
    rows.push_back(make_row(one, "stage_median_over_bound", judgement.median_over_bound));
    rows.push_back(make_row(one, "stage_resolution", judgement.resolution));
    rows.push_back(make_row(one, "lost_digits", judgement.lost_digits));
  }
  return rows;
}

}  // namespace backprove
