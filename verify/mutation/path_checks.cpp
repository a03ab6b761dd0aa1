#include "verify/mutation/path_checks.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "core/scalars/running_error.hpp"
#include "core/wide_values.hpp"
#include "verify/measure.hpp"
#include "verify/votes.hpp"

namespace backprove {

namespace {

/// Directions for the duality of one stage, the same for every scalar: u and v a sample, w for the parameters.
struct DualityDirections {
  Matrix<double> u, v;
  Vector<double> w;

  DualityDirections(Index inputs, Index outputs, Index parameters, Index batch)
      : u(inputs, batch), v(outputs, batch), w(parameters) {
    std::mt19937_64 random(29);
    const auto fill = [&](auto& numbers) {
      for (Index i = 0; i < numbers.size(); ++i)
        numbers.data()[i] = static_cast<double>(static_cast<std::int64_t>(random() >> 44)) / (1 << 19) - 1;
    };
    fill(u), fill(v), fill(w);
  }
};

/// <v, J u + D w> by the maps of one stage and <J^T v, u> + <D^T v, w> by its reverse step, in S.
template <class S>
struct Dualities {
  S reverse = S(0), written = S(0), tangent = S(0);

  Dualities(const Network& network, Index l, const At<S>& p, const DualityDirections& along, const LayerMaps<S>& maps) {
    const Matrix<S> u = promoted<S>(view(along.u)), v = promoted<S>(view(along.v));
    const Vector<S> w = promoted<S>(view(along.w));
    Matrix<S> x_bar(u.rows(), u.cols()), y_dot(v.rows(), v.cols());
    Vector<S> theta_bar = Vector<S>::Constant(w.size(), S(0));
    std::visit([&](const auto& layer) { layer.vjp(p, view(v), view(x_bar), view(theta_bar)); }, network.layer(l));
    add(reverse, x_bar, u);
    add(reverse, theta_bar, w);
    maps.tangent(network, l, p, view(u), view(w), view(y_dot));
    add(tangent, y_dot, v);
    const WrittenJacobians<S> jacobians = maps.jacobians(network, l, p);
    for (Index s = 0; s < u.cols(); ++s) {
      y_dot.col(s).setConstant(S(0));
      push(jacobians.by_input[static_cast<std::size_t>(s)], u.data() + s * u.rows(), y_dot.data() + s * y_dot.rows());
      push(jacobians.by_parameters[static_cast<std::size_t>(s)], w.data(), y_dot.data() + s * y_dot.rows());
    }
    add(written, y_dot, v);
  }

 private:
  template <class A>
  static void add(S& sum, const A& a, const A& b) {
    for (Index i = 0; i < a.size(); ++i) sum += a.data()[i] * b.data()[i];
  }
  static void push(const Matrix<S>& jacobian, const S* from, S* to) {
    if (jacobian.size() > 0)
      product<S>(Op::plain, view(jacobian), Op::plain, In<S>(from, jacobian.cols(), 1), Out<S>(to, jacobian.rows(), 1),
                 true);
  }
};

/// The dualities of the host's stage in S; the numbers come from T exactly.
template <class S, class T>
Dualities<S> dualities(const HostFacts<T>& facts, const LayerMaps<S>& maps) {
  const Host& host = facts.host;
  const Network& network = host.network;
  const Vector<T> base = [&] {
    T unused;
    return tape_of(facts.problem(), unused);
  }();
  const Index l = host.stage, batch = host.data.x.cols(), width = network.width(l);
  const T* entering = l == 0 ? facts.numbers.x.data() : base.data() + network.region(l - 1) * batch;
  const Matrix<S> x = promoted<S>(In<T>(entering, width, batch));
  const Vector<S> theta =
      promoted<S>(ParamsIn<T>(facts.numbers.theta.data() + network.offset(l), network.parameters(l)));
  return std::visit(
      [&](const auto& layer) {
        Matrix<S> y(layer.outputs(), batch);
        Vector<S> workspace(layer.workspace() * batch);
        const At<S> p{view(theta), view(x), view(std::as_const(y)), view(workspace)};
        layer.value(p, view(y));
        return Dualities<S>(network, l, p, {layer.inputs(), layer.outputs(), layer.parameters(), batch}, maps);
      },
      network.layer(l));
}

}  // namespace

template <class T>
CheckResult PathChecks<T>::enclosure() const {
  if (facts.host.kinks) return {};
  const Gradient<Interval>& exact = facts.exact();
  const Outcome& outcome = own.outcome;
  const Tolerance& tolerance = own.tolerance;
  for (Index k = 0; k < outcome.gradient.size(); ++k) {
    const Index p = exact.parameters.size();
    const Interval& interval = k < p ? exact.parameters(k) : exact.input.data()[k - p];
    const bool left_out = (outcome.kinked.size() > 0 && outcome.kinked(k) != 0) ||
                          (tolerance.irregular.size() > 0 && tolerance.irregular(k) != 0) ||
                          std::isinf(tolerance.bound(k));
    if (left_out || interval.contains(wide_entry(outcome.gradient, k), tolerance.bound(k))) continue;
    return {true, "", "", fmt::format("entry {} lies outside the enclosure widened by its bound", k)};
  }
  return {};
}

template <class T>
CheckResult PathChecks<T>::duality() const {
  const Host& host = facts.host;
  if (path.maps() == nullptr || host.kind() != Host::Kind::layer || host.kinks) return {};
  const Dualities<T> got = dualities<T, T>(facts, *path.maps());
  const Arithmetic arithmetic = *rounding_of<T>();
  const ArithmeticScope scope(arithmetic);
  const Dualities<RunningError> bounds = dualities<RunningError, T>(facts, LayerMaps<RunningError>());
  const auto differs = [&](T forward, const RunningError& bound) {
    const double error = std::abs(static_cast<double>(forward) - static_cast<double>(got.reverse));
    const double allowed = bound.e + bounds.reverse.e;
    return !std::isinf(allowed) && !(error <= allowed);
  };
  const auto blame = [&](std::string_view what, T forward) {
    return CheckResult{true, stage_name(host), "",
                       fmt::format("<v, J u + D w> by {} is {:.9g}, by the reverse step {:.9g}", what,
                                   static_cast<double>(forward), static_cast<double>(got.reverse))};
  };
  if (differs(got.written, bounds.written)) return blame("the layer's Jacobians", got.written);
  if (differs(got.tangent, bounds.tangent)) return blame("dual numbers", got.tangent);
  return {};
}

template <class T>
CheckResult PathChecks<T>::agreement() const {
  std::vector<const Vote*> all;
  std::vector<const StrategyInfo*> voters;
  for (const Vote& vote : votes(facts)) {
    all.push_back(vote.strategy == own.strategy ? &own : &vote);
    voters.push_back(vote.strategy);
  }
  Votes pairs(voters);
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      if (pair_over_bound(all[a]->outcome, all[a]->tolerance, all[b]->outcome, all[b]->tolerance) <= 1)
        pairs.agree(a, b);
      else
        pairs.disagree(a, b);
    }
  CheckResult result;
  for (std::size_t s = 0; s < all.size(); ++s) {
    result.caught = result.caught || pairs.disagreeing(s) > 0;
    if (!pairs.is_outlier(s)) continue;
    // Two outliers are as good as none.
    result.stage = result.stage.empty() ? fmt::format("strategy {}", voters[s]->name) : "several strategies";
    result.detail = fmt::format("{} {}", voters[s]->name, pairs.sentence(s));
  }
  return result;
}

template <class T>
std::vector<T> PathChecks<T>::bits() const {
  std::vector<T> all;
  for (Index i = 0; i < own.outcome.gradient.size(); ++i)
    all.push_back(static_cast<T>(own.outcome.gradient.as_double(i)));
  if (path.maps() != nullptr && facts.host.kind() == Host::Kind::layer) {
    const Dualities<T> got = dualities<T, T>(facts, *path.maps());
    all.insert(all.end(), {got.written, got.tangent});
  }
  return all;
}

template class PathChecks<float>;
template class PathChecks<double>;

}  // namespace backprove
