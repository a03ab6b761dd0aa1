#include "verify/certified_truncation.hpp"

#include <fmt/format.h>

#include "core/differences.hpp"
#include "core/scalars/taylor.hpp"

namespace backprove {

namespace {

constexpr double most_operations = 7.5e5;
constexpr double operations_a_multiplication = 10;
constexpr unsigned bits = 64;

using Polynomial = Taylor<Interval, 3>;

double magnitude(const Interval& x) {
  const double most = x.is_nan() ? std::numeric_limits<double>::infinity() : x.magnitude_double();
  return std::isnan(most) ? std::numeric_limits<double>::infinity() : most;
}

/// The largest |c_k|, rounded up; infinite for NaN.
double magnitude(const Polynomial& y, std::size_t k) { return k < y.c.size() ? magnitude(y.c[k]) : 0; }

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
  const Vector<Polynomial> theta = promoted<Polynomial>(view(data.theta));
  const Matrix<Polynomial> x = promoted<Polynomial>(view(data.x));
  const Problem<Polynomial> lifted{problem.network(), problem.loss(), view(theta), view(x), view(data.y)};
  Polynomial loss;
  const Vector<Polynomial> workspace = tape_of(lifted, loss);
  const Perturbation<Polynomial, Polynomial> probe(lifted, workspace);
  CertifiedTruncation result{Vector<double>(outcome.gradient.size()), ""};
  for (const Coordinates& at : probe.pieces(options.input_gradient)) {
    Vector<Polynomial> displaced(at.count);
    std::vector<Stencil> stencils;
    for (Index k = 0; k < at.count; ++k) {
      const double h = outcome.step(probe.flat(at, k)) / (forward ? 1 : 2);
      stencils.emplace_back(to_double(probe.value(at, k)), h, engine.unit_roundoff());
      displaced(k) = Polynomial::variable(stencils.back().all);
    }
    const Vector<Polynomial> losses = probe.losses(at, displaced, nullptr);
    for (Index k = 0; k < at.count; ++k) {
      const Stencil& stencil = stencils[static_cast<std::size_t>(k)];
      const double half_second = magnitude(losses(k), 2), sixth_third = magnitude(losses(k), 3);
      const double bound = forward ? stencil.reach * half_second
                                   : stencil.reach * stencil.reach * sixth_third + stencil.uneven * half_second;
      result.bound(probe.flat(at, k)) =
          std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound * (1 + 0x1p-40);
    }
  }
  return result;
}

}  // namespace backprove
