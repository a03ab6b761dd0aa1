#include "verify/mutation/path.hpp"

#include <algorithm>

#include "core/scalars/running_error.hpp"

namespace backprove {

namespace {

/// Radii of a gradient in running errors, computed by the same operations.
template <class T, class F>
Vector<double> radii(const HostFacts<T>& facts, F&& gradient) {
  const Arithmetic arithmetic = *rounding_of<T>();
  const ArithmeticScope scope(arithmetic);
  const Host& host = facts.host;
  const Vector<RunningError> theta = promoted<RunningError>(view(facts.numbers.theta));
  const Matrix<RunningError> x = promoted<RunningError>(view(facts.numbers.x));
  const std::vector<RunningError> all = entries<RunningError>(
      gradient(Problem<RunningError>{host.network, host.loss, view(theta), view(x), view(host.data.y)}));
  Vector<double> radius(static_cast<Index>(all.size()));
  for (Index i = 0; i < radius.size(); ++i) radius(i) = all[static_cast<std::size_t>(i)].e;
  return radius;
}

bool is_certified(std::string_view strategy) {
  return strategy == "reference" || strategy == "enclosure" || strategy == "exact_rational";
}

}  // namespace

template <class T>
Vote vote_of(const HostFacts<T>& facts, std::string_view strategy, Outcome outcome) {
  Vote vote{&strategy_named(strategy), std::move(outcome), {}};
  const Outcome& got = vote.outcome;
  if (got.step.size() == 0 || !(got.step.array() > 0).any()) {
    vote.tolerance.bound = facts.bounded(strategy).radius;
    if (got.truncation.size() > 0) vote.tolerance.bound += got.truncation;
    return vote;
  }
  const double u = unit_roundoff<T>(), losses = facts.bound().loss_radius;
  Vector<double> rounding(got.step.size());
  for (Index i = 0; i < rounding.size(); ++i)
    rounding(i) = 4 * losses / got.step(i) + 4 * u * std::abs(got.gradient.as_double(i));
  vote.tolerance.bound = 2 * got.truncation + rounding;
  vote.tolerance.irregular = (got.irregularity.array() > rounding.array()).cast<signed char>();
  return vote;
}

template <class T>
const std::vector<Vote>& votes(const HostFacts<T>& facts) {
  return facts.votes.get([&] {
    std::vector<Vote> all;
    if (facts.host.kinks) return all;
    for (const StrategyInfo& info : strategies())
      if (!is_certified(info.name)) all.push_back(EnginePath<T>(info.name).vote(facts));
    return all;
  });
}

template <class T>
Vote JacobianPath<T>::vote(const HostFacts<T>& facts) const {
  const bool with_input = facts.host.input_gradient;
  Outcome outcome = outcome_of(gradient_by_jacobians<T>(facts.problem(), with_input, *own));
  const Vector<double>& bound = facts.jacobian_radius.get([&] {
    return radii(facts, [&](const Problem<RunningError>& problem) {
      return gradient_by_jacobians<RunningError>(problem, with_input, LayerMaps<RunningError>());
    });
  });
  return {&strategy_named(strategy), std::move(outcome), {bound, {}, {}, "", ""}};
}

template <class T>
Vote TangentPath<T>::vote(const HostFacts<T>& facts) const {
  const bool with_input = facts.host.input_gradient;
  const Problem<T> problem = facts.problem();
  Outcome outcome = outcome_of(TangentSweep<T>(problem, *own).gradient(with_input));
  const Vector<double>& bound = facts.tangent_radius.get([&] {
    return radii(facts, [&](const Problem<RunningError>& wide) {
      const LayerMaps<RunningError> maps;
      return TangentSweep<RunningError>(wide, maps).gradient(with_input);
    });
  });
  return {&strategy_named(strategy), std::move(outcome), {bound, {}, {}, "", ""}};
}

template Vote vote_of<float>(const HostFacts<float>&, std::string_view, Outcome);
template Vote vote_of<double>(const HostFacts<double>&, std::string_view, Outcome);
template const std::vector<Vote>& votes<float>(const HostFacts<float>&);
template const std::vector<Vote>& votes<double>(const HostFacts<double>&);
template class JacobianPath<float>;
template class JacobianPath<double>;
template class TangentPath<float>;
template class TangentPath<double>;

}  // namespace backprove
