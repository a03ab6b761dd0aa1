#include "verify/tolerance.hpp"

#include <fmt/format.h>

#include "core/kernels/kernel.hpp"
#include "core/scalars/running_error.hpp"
#include "verify/certified_truncation.hpp"

namespace backprove {

namespace {

constexpr double u_double = 0x1p-53;

struct Rounding {
  Vector<double> gradient;
  double loss = 0;
};

/// The running error of `strategy` in the given arithmetic. Arithmetics finer than double are run with double's u and
/// scaled: every term of the bound is at least proportional to u.
Rounding running_error(std::string_view strategy, const Arithmetic& arithmetic, const SpecifiedProblem& problem,
                       Options options) {
  Arithmetic run = arithmetic;
  double scale = 1;
  if (arithmetic.unit_roundoff < u_double) {
    run.unit_roundoff = u_double;
    run.smallest_subnormal = 0x1p-1074;  // v underflows in double, whatever the arithmetic does
    scale = arithmetic.unit_roundoff / u_double;
  }
  options.threads = 1;  // the arithmetic is set for this thread alone
  const ArithmeticScope scope(run);
  const Data& data = problem.data();
  Outcome outcome =
      engine_named("running_error")
          .run(strategy, {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options});
  // Scaled up to the next double, so that no positive bound becomes 0; NaN: nothing is known.
  const auto scaled = [scale](double e) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    return std::isnan(e) ? infinite : e == 0 || scale == 1 ? e : std::nextafter(scale * e, infinite);
  };
  return {outcome.radius.unaryExpr(scaled), scaled(outcome.loss_radius)};
}

/// What one rounding of each entry to the scalar may change: a factor, or the smallest subnormal number.
Vector<double> one_rounding(const Outcome& outcome, double u, double smallest) {
  Vector<double> bound(outcome.gradient.size());
  for (Index i = 0; i < bound.size(); ++i) bound(i) = 2 * u * std::abs(outcome.gradient.as_double(i)) + smallest;
  return bound;
}

/// The radius that an outcome brings along, or zeros.
Vector<double> radius_of(const Outcome& outcome) {
  return outcome.radius.size() > 0 ? outcome.radius : Vector<double>::Zero(outcome.gradient.size());
}

bool is_difference(const Outcome& outcome) { return outcome.step.size() > 0 && (outcome.step.array() > 0).any(); }

/// A quotient's rounding. The losses at x +- h have nearly the magnitudes of the loss at x; twice its bound is taken
/// for each, and the quotient's own two operations.
Vector<double> difference_rounding(const Outcome& outcome, double loss_error, double u) {
  Vector<double> bound(outcome.gradient.size());
  for (Index i = 0; i < bound.size(); ++i) {
    bound(i) = 4 * loss_error / outcome.step(i) + 4 * u * std::abs(outcome.gradient.as_double(i));
    if (std::isnan(bound(i))) bound(i) = std::numeric_limits<double>::infinity();
  }
  return bound;
}

/// Rounding and truncation: certified where that is possible, else estimated; an irregularity that rounding does not
/// explain makes an estimate worthless.
Tolerance with_truncation(const Outcome& outcome, const CertifiedTruncation& certified, const Vector<double>& rounding,
                          std::string_view rounding_name) {
  const Index size = rounding.size();
  Tolerance tolerance{rounding + outcome.truncation, {}, {}, "", ""};
  tolerance.irregular = (outcome.irregularity.array() > rounding.array()).cast<signed char>();
  Index count = 0;
  if (certified.bound.size() > 0) {
    tolerance.certified = Vector<signed char>::Zero(size);
    for (Index i = 0; i < size; ++i) {
      if (!std::isfinite(certified.bound(i))) continue;
      ++count;
      tolerance.certified(i) = 1;
      tolerance.irregular(i) = 0;
      tolerance.bound(i) = rounding(i) + certified.bound(i);
    }
  }
  tolerance.derivation =
      count == size ? fmt::format("certified truncation + {}", rounding_name)
      : count > 0
          ? fmt::format("truncation (certified in {} of {} entries, else estimated) + {}", count, size, rounding_name)
          : fmt::format("estimated truncation ({}) + {}",
                        certified.missing.empty() ? "a kink may lie in every stencil" : certified.missing,
                        rounding_name);
  return tolerance;
}

}  // namespace

Tolerance tolerance_of(const StrategyInfo& strategy, const Engine& engine, const SpecifiedProblem& problem,
                       const Options& options, const Outcome& outcome, const Limits& limits) {
  const std::optional<Arithmetic> arithmetic = engine.arithmetic();
  const double u = arithmetic ? arithmetic->unit_roundoff : engine.unit_roundoff();
  if (strategy.name == "reference" || strategy.name == "enclosure" || strategy.name == "exact_rational")
    return {one_rounding(outcome, u, arithmetic ? arithmetic->smallest_subnormal : 0) + radius_of(outcome),
            {},
            {},
            "one rounding to the scalar",
            ""};
  const bool difference = is_difference(outcome);
  if (!arithmetic) {  // intervals carry their radius, rational numbers do not round
    Vector<double> radius = radius_of(outcome);
    if (difference) radius += difference_rounding(outcome, outcome.loss_radius, 0);
    if (outcome.truncation.size() > 0)
      return with_truncation(outcome, certified_truncation(strategy, engine, problem, options, outcome), radius,
                             "radius");
    return {radius, {}, {}, "the interval's radius", ""};
  }
  const Shape shape{problem.network(), problem.spec().recipe.batch, options.input_gradient, 1};
  const std::string_view bounded = difference ? "reverse_vjp" : strategy.name;
  const std::string missing =
      beyond(limits, strategy_named(bounded).predict(shape), engine_named("running_error").bytes());
  if (!missing.empty()) return {{}, {}, {}, "", "no rounding bound: it " + missing};
  Options summed = options;
  summed.whole_batch = fused_kernel(options.kernel, bounded, engine.name(), problem.network()) != nullptr;
  const Rounding rounding = running_error(bounded, *arithmetic, problem, summed);
  if (difference)
    return with_truncation(outcome, certified_truncation(strategy, engine, problem, options, outcome),
                           difference_rounding(outcome, rounding.loss, u), "rounding of the losses over the step");
  if (outcome.truncation.size() > 0)
    return with_truncation(outcome, {{}, "of the second order in the imaginary step"}, rounding.gradient,
                           "running error");
  return {rounding.gradient, {}, {}, "running error of its own operations", ""};
}

}  // namespace backprove
