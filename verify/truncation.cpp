#include "verify/truncation.hpp"

#include <fmt/format.h>

#include "core/wide_values.hpp"

namespace backprove {

namespace {

/// High precision costs about a hundred times double's: beyond this the second look would take minutes.
constexpr double most_multiplications = 1e8;

}  // namespace

SecondLook look_again(const StrategyInfo& strategy, const Engine& engine, const SpecifiedProblem& problem,
                      const Options& options, const Outcome& outcome, const Limits& limits, Certificate& certificate,
                      Tolerance& tolerance) {
  SecondLook look;
  const Shape shape{problem.network(), problem.spec().recipe.batch, options.input_gradient, 1};
  const Engine& precise = engine_named("mpfr");
  const Limits within{limits.bytes, std::min(limits.multiplications, most_multiplications)};
  look.not_taken = beyond(within, strategy.predict(shape), precise.bytes());
  if (!look.not_taken.empty()) return look;

  const Data& data = problem.data();
  const auto run = [&](double roundoff) {
    Options chosen = options;
    chosen.step_roundoff = roundoff;
    return precise.run(strategy.name,
                       {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), chosen});
  };
  const Outcome limit = run(0), same_steps = run(engine.unit_roundoff());
  const Tolerance in_the_limit = tolerance_of(strategy, precise, problem, options, limit, limits);
  for (Index i = 0; i < tolerance.bound.size(); ++i) {
    const Wide reference = certificate.reference_entry(i);
    const double slack = certificate.reference_error()(i);
    if (!(distance(wide_entry(limit.gradient, i), reference) <= in_the_limit.bound(i) + slack)) continue;
    const double truncation = 2 * distance(wide_entry(same_steps.gradient, i), reference);
    if (!(distance(wide_entry(outcome.gradient, i), reference) > tolerance.bound(i) + slack)) continue;
    const double widened = tolerance.bound(i) - outcome.truncation(i) + truncation;
    if (!(widened > tolerance.bound(i))) continue;
    ++look.widened;
    look.at_most = std::max(look.at_most, widened / tolerance.bound(i));
    tolerance.bound(i) = widened;
  }
  return look;
}

}  // namespace backprove
