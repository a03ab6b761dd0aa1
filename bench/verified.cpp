#include "bench/verified.hpp"

#include <fmt/format.h>

#include <cmath>

#include "verify/measure.hpp"
#include "verify/stage/sketch.hpp"

namespace backprove {

namespace {

constexpr int directions = 4;
/// The bound of a strategy costs about ten times its gradient: beyond this many multiplications it is not made.
constexpr double most_multiplications = 5e9;

bool all_finite(const Values& values) {
  for (Index i = 0; i < values.size(); ++i)
    if (!std::isfinite(values.as_double(i))) return false;
  return std::isfinite(values.size() > 0 ? values.as_double(0) : 0);
}

/// The worst stage of a recorded sweep in T, which must have the bits of the gradient that will be timed.
template <class T>
Verified judge(const SpecifiedProblem& problem, const Options& options, const Outcome& got) {
  const Data& data = problem.data();
  const Vector<T> theta = data.theta.cast<T>();
  const Matrix<T> x = data.x.cast<T>();
  const Problem<T> in_scalar{problem.network(), problem.loss(), view(theta), view(x), view(data.y)};
  const SweepRecord<T> record = record_sweep<T>(in_scalar, options, ReverseSteps<T>());
  const Gradient<T>& gradient = record.gradient;
  for (Index k = 0; k < got.gradient.size(); ++k) {
    const Index in_input = k - gradient.parameters.size();
    const T recorded = in_input < 0 ? gradient.parameters(k) : gradient.input.data()[in_input];
    if (static_cast<double>(recorded) != got.gradient.as_double(k))
      return {Status::failed, fmt::format("entry {} differs from that of the recorded sweep", k)};
  }
  double coarsest = 0;
  for (const SketchJudgement& one : sketch_stages<T>(in_scalar, record, options.input_gradient, {directions, 1})) {
    if (one.failed) return {Status::failed, sentence(one)};
    coarsest = std::max(coarsest, one.smallest_detectable);
  }
  return {coarsest < 1 ? Status::ok : Status::inconclusive,
          fmt::format("every stage by {} random directions; an error of {:.2g} of a tensor's largest entry would have "
                      "been seen",
                      directions, coarsest)};
}

}  // namespace

Verifier::Verifier(const SpecifiedProblem& of, const Engine& in, const Limits& within)
    : problem(of), engine(in), limits{within.bytes, std::min(within.multiplications, most_multiplications)} {}

Request Verifier::request(const Options& options) const {
  const Data& data = problem.data();
  return {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options};
}

Verified Verifier::stages(const Options& options, const Outcome& got) {
  if (judged && judged->gradient.same_bits(got.gradient))
    return {judged->verified.status,
            fmt::format("{}; the bits are those on {} threads", judged->verified.note, judged->threads)};
  const Verified verified =
      engine.name() == "float" ? judge<float>(problem, options, got) : judge<double>(problem, options, got);
  judged = {got.gradient, verified, options.threads};
  return verified;
}

std::pair<const Outcome&, const Tolerance&> Verifier::reverse(const Options& options) {
  if (!expected) {
    const StrategyInfo& by = strategy_named("reverse_vjp");
    expected.emplace(engine.run(by.name, request(options)));
    expected_bound = tolerance_of(by, engine, problem, options, *expected, limits);
  }
  return {*expected, expected_bound};
}

Tolerance Verifier::bound(const StrategyInfo& strategy, const Options& options, const Outcome& got) const {
  return tolerance_of(strategy, engine, problem, options, got, limits);
}

Verified Verifier::of(const StrategyInfo& strategy, const Options& options, const Outcome& got) {
  if (got.gradient.size() == 0) return {Status::ok, "nothing to compare: the network has no parameters"};
  if (!all_finite(got.gradient)) return {Status::nonfinite, "the gradient is not finite"};
  const bool native = engine.name() == "float" || engine.name() == "double";
  if (strategy.name == "reverse_vjp" && native) return stages(options, got);
  const Tolerance own = bound(strategy, options, got);
  reverse(options);
  for (const Tolerance* one : {&own, static_cast<const Tolerance*>(&expected_bound)})
    if (!one->missing.empty()) return {Status::inconclusive, one->missing};
  const double worst = pair_over_bound(got, own, *expected, expected_bound);
  const bool estimated = got.truncation.size() > 0 && own.certified.size() == 0;
  if (!(worst <= 1))
    return {estimated ? Status::inconclusive : Status::failed,
            fmt::format("differs from reverse_vjp by {:.3g} times the sum of both bounds", worst)};
  double largest = 0;
  for (Index k = 0; k < got.gradient.size(); ++k) largest = std::max(largest, std::abs(got.gradient.as_double(k)));
  const double resolution = own.bound.maxCoeff() / largest;
  return {resolution < 1 ? Status::ok : Status::inconclusive,
          fmt::format("agrees with reverse_vjp within {:.2g} of both bounds; its own is {:.2g} of the largest entry",
                      worst, resolution)};
}

}  // namespace backprove
