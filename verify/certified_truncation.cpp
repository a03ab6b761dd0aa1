#include "verify/certified_truncation.hpp"

#include <fmt/format.h>

#include "core/differences.hpp"

namespace backprove {

namespace {

constexpr double most_operations = 2e6;
constexpr double operations_a_multiplication = 27;
constexpr unsigned bits = 64;

using First = Dual<Interval, 1>;
using Second = Dual<First, 1>;
using Third = Dual<Second, 1>;

/// x + e1 + e2 + e3: the coefficient of e1 e2 e3 in f of it is f'''.
Third seeded(const Interval& x) {
  const First one(Interval(1), {Interval(0)}), none(Interval(0), {Interval(0)});
  const Second value(First(x, {Interval(1)}), {one});
  return Third(value, {Second(one, {none})});
}

double magnitude(const Interval& x) {
  const double most = x.is_nan() ? std::numeric_limits<double>::infinity() : x.magnitude_double();
  return std::isnan(most) ? std::numeric_limits<double>::infinity() : most;
}

/// All x of one coordinate's stencil, and the distances that were really moved: each at most `reach`, and up and down
/// at most `uneven` apart.
struct Stencil {
  double reach, uneven;
  Interval all;

  Stencil(double x, double h, double u) {
    const double rounding = u * (std::abs(x) + h) * (1 + 0x1p-40) + 0x1p-1074;
    reach = (h + rounding) * (1 + 0x1p-50);
    uneven = 2 * rounding;
    mpfi_interv_d(all.get(), -reach, reach);
    mpfi_add_d(all.get(), all.get(), x);
  }
};

bool is_named(const StrategyInfo& strategy, std::string_view name) { return strategy.name == name; }

}  // namespace

CertifiedTruncation certified_truncation(const StrategyInfo& strategy, const Engine& engine,
                                         const SpecifiedProblem& problem, const Options& options,
                                         const Outcome& outcome) {
  const bool forward = is_named(strategy, "forward_difference");
  if (!forward && !is_named(strategy, "central_difference")) return {{}, "no remainder is known for this method"};
  const Shape shape{problem.network(), problem.spec().recipe.batch, options.input_gradient, 1};
  const double operations = difference_cost(shape, operations_a_multiplication, 1).multiplications;
  if (operations > most_operations)
    return {{},
            fmt::format("needs about {:.2g} interval operations, the limit is {:.2g}", operations, most_operations)};

  const PrecisionScope precision(bits);
  const Data& data = problem.data();
  const Vector<Third> theta = promoted<Third>(view(data.theta));
  const Matrix<Third> x = promoted<Third>(view(data.x));
  const Problem<Third> nested{problem.network(), problem.loss(), view(theta), view(x), view(data.y)};
  Third loss;
  const Vector<Third> workspace = tape_of(nested, loss);
  const Perturbation<Third, Third> probe(nested, workspace);
  CertifiedTruncation result{Vector<double>(outcome.gradient.size()), ""};
  for (const Coordinates& at : probe.pieces(options.input_gradient)) {
    Vector<Third> displaced(at.count);
    std::vector<Stencil> stencils;
    for (Index k = 0; k < at.count; ++k) {
      const double h = outcome.step(probe.flat(at, k)) / (forward ? 1 : 2);
      stencils.emplace_back(to_double(probe.value(at, k)), h, engine.unit_roundoff());
      displaced(k) = seeded(stencils.back().all);
    }
    const Vector<Third> losses = probe.losses(at, displaced, nullptr);
    for (Index k = 0; k < at.count; ++k) {
      const Stencil& stencil = stencils[static_cast<std::size_t>(k)];
      const double second = magnitude(losses(k).value.tangent[0].tangent[0]);
      const double third = magnitude(losses(k).tangent[0].tangent[0].tangent[0]);
      const double bound = forward ? stencil.reach / 2 * second
                                   : stencil.reach * stencil.reach / 6 * third + stencil.uneven / 2 * second;
      result.bound(probe.flat(at, k)) =
          std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound * (1 + 0x1p-40);
    }
  }
  return result;
}

}  // namespace backprove
