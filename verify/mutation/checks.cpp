#include "verify/mutation/checks.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <random>

#include "core/certified.hpp"
#include "core/engine.hpp"
#include "core/promotion.hpp"
#include "verify/mutation/guarded.hpp"
#include "verify/stage/judge.hpp"
#include "verify/stage/stages.hpp"

namespace backprove {

namespace {

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}
template <class T>
bool same_bits(const Matrix<T>& a, const Matrix<T>& b) {
  return a.size() == b.size() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(), sizeof(T) * static_cast<std::size_t>(a.size())) == 0);
}

/// One stage's own step on given buffers.
template <class T>
struct Alone {
  const Host& host;
  const ReverseSteps<T>& steps;
  const StageRecord<T>& record;
  Vector<T> theta, workspace;
  Matrix<T> y, x_bar;
  Vector<T> theta_bar;

  Alone(const Host& of, const ReverseSteps<T>& with, const HostNumbers<T>& numbers, const StageRecord<T>& stage)
      : host(of), steps(with), record(stage) {
    const Network& network = host.network;
    theta = numbers.theta.segment(network.offset(host.stage), network.parameters(host.stage));
    y.resize(network.width(host.stage + 1), record.x.cols());
    std::visit(
        [&](const auto& layer) {
          workspace.resize(layer.workspace() * record.x.cols());
          layer.value(point(), view(y));
        },
        network.layer(host.stage));
  }
  At<T> point() { return {view(std::as_const(theta)), view(record.x), view(std::as_const(y)), view(workspace)}; }
  void run(T x_bar_before, T theta_bar_before) {
    x_bar.setConstant(record.x_bar.rows(), record.x_bar.cols(), x_bar_before);
    theta_bar.setConstant(theta.size(), theta_bar_before);
    steps.layer(host.network, host.stage, point(), view(record.y_bar), view(x_bar), view(theta_bar));
  }
};

/// J u in S by the layer's own Jacobian, for every sample; the numbers come from T exactly.
template <class S, class T, class L>
Matrix<S> along(const L& layer, ParamsIn<T> parameters, const Matrix<T>& at, const Matrix<T>& direction) {
  const Vector<S> theta = promoted<S>(parameters);
  const Matrix<S> x = promoted<S>(view(at)), u = promoted<S>(view(direction));
  Matrix<S> y(layer.outputs(), at.cols()), result(layer.outputs(), at.cols());
  Vector<S> workspace(layer.workspace() * at.cols());
  const At<S> p{view(theta), view(x), view(std::as_const(y)), view(workspace)};
  layer.value(p, view(y));
  layer.d_input(p).pushforward(view(u), view(result), Samples::own());
  return result;
}

}  // namespace

template <class T>
Checks<T>::Checks(const HostFacts<T>& of, const ReverseSteps<T>& with)
    : facts(of), host(of.host), steps(with), record(record_sweep<T>(of.problem(), of.options(), with)) {}

std::string stage_name(const Host& host, Index stage) {
  if (stage == host.network.size()) return fmt::format("loss, {}", host.loss.name());
  return std::visit([&](const auto& layer) { return fmt::format("layer {}, {}", stage + 1, layer.text()); },
                    host.network.layer(stage));
}

std::string stage_name(const Host& host) { return stage_name(host, host.stage); }

template <class T>
std::vector<T> Checks<T>::bits() const {
  std::vector<T> all = entries(record.gradient);
  for (const StageRecord<T>& stage : record.stages) {
    all.insert(all.end(), stage.y_bar.data(), stage.y_bar.data() + stage.y_bar.size());
    all.insert(all.end(), stage.x_bar.data(), stage.x_bar.data() + stage.x_bar.size());
  }
  return all;
}

template <class T>
CheckResult Checks<T>::stage() const {
  CheckResult result;
  for (const TensorJudgement& judgement : judge_stages<T>(facts.problem(), record, host.input_gradient)) {
    if (!is_failure(judgement.finding)) continue;
    if (!result.caught) {
      result.caught = true;
      result.stage = judgement.stage;
      result.detail = sentence(judgement);
    }
    result.hint += (result.hint.empty() ? "" : "; ") + judgement.tensor + ": " + judgement.hint;
  }
  return result;
}

template <class T>
CheckResult Checks<T>::state() const {
  CheckResult result;
  if (host.stage == host.network.size()) return result;
  const StageRecord<T>& stage_record = record.stages[static_cast<std::size_t>(host.stage)];
  const auto blame = [&](std::string what) {
    if (!result.caught) result = {true, stage_name(host), "", std::move(what)};
  };
  Alone<T> alone(host, steps, facts.numbers, stage_record);
  const Matrix<T> x = stage_record.x, y = alone.y, y_bar = stage_record.y_bar;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  alone.run(nan, T(0));
  const Matrix<T> first = alone.x_bar;
  const Vector<T> theta_first = alone.theta_bar;
  alone.run(T(1), T(0));
  if (!same_bits(first, alone.x_bar)) blame("the input gradient depends on what its buffer held");
  if (!same_bits(Matrix<T>(theta_first), Matrix<T>(alone.theta_bar))) blame("a second call gives another gradient");
  if (!same_bits(x, Matrix<T>(stage_record.x)) || !same_bits(y, alone.y) || !same_bits(y_bar, stage_record.y_bar))
    blame("the step changes its inputs");
  // Parameter gradients are added to what is there. Every sum has batch + 1 terms; that of the filling is exact.
  const T filling = T(1024);
  alone.run(nan, filling);
  const double u = std::numeric_limits<T>::epsilon() / 2, terms = static_cast<double>(x.cols() + 2);
  for (Index k = 0; k < theta_first.size(); ++k) {
    const double expected = static_cast<double>(theta_first(k)) + 1024, got = static_cast<double>(alone.theta_bar(k));
    const double scale = 1024 + y_bar.cwiseAbs().sum() * (1 + x.cwiseAbs().maxCoeff() + y.cwiseAbs().maxCoeff());
    if (!(std::abs(got - expected) <= 4 * terms * u * scale))
      blame("the parameter gradient is not added to what its buffer held");
  }
  return result;
}

template <class T>
CheckResult Checks<T>::placement() const {
  if (host.stage == host.network.size()) return {};
  const StageRecord<T>& here = record.stages[static_cast<std::size_t>(host.stage)];
  const Index begin = host.network.offset(host.stage), count = host.network.parameters(host.stage);
  const Index batch = here.x.cols(), inputs = here.x.rows(), outputs = here.y_bar.rows();
  const Guarded<T> theta(facts.numbers.theta.data() + begin, count), x(here.x.data(), here.x.size());
  const Guarded<T> y_bar(here.y_bar.data(), here.y_bar.size());
  Guarded<T> y(here.y_bar.size()), x_bar(here.x_bar.size()), theta_bar(Vector<T>(Vector<T>::Zero(count)).data(), count);
  return std::visit(
      [&](const auto& layer) {
        Guarded<T> workspace(layer.workspace() * batch);
        const At<T> p{ParamsIn<T>(theta.data(), count), In<T>(x.data(), inputs, batch), In<T>(y.data(), outputs, batch),
                      ParamsOut<T>(workspace.data(), workspace.size())};
        layer.value(p, Out<T>(y.data(), outputs, batch));
        steps.layer(host.network, host.stage, p, In<T>(y_bar.data(), outputs, batch),
                    Out<T>(x_bar.data(), here.x_bar.rows(), here.x_bar.cols()), ParamsOut<T>(theta_bar.data(), count));
        const auto blame = [&](const char* what) { return CheckResult{true, stage_name(host), "", what}; };
        for (const Guarded<T>* one : {&theta, &x, &y_bar, &std::as_const(y), &std::as_const(x_bar),
                                      &std::as_const(theta_bar), &std::as_const(workspace)})
          if (!one->guards_hold()) return blame("the step writes beside a buffer");
        if (x_bar.holds(here.x_bar.data()) && theta_bar.holds(here.theta_bar.data())) return CheckResult{};
        const stage::Bounds bounds = stage::bounds_of<T>(layer, ParamsIn<T>(theta.data(), count), here);
        const auto alike = [](const Guarded<T>& got, const T* expected, const double* bound) {
          for (Index k = 0; k < got.size(); ++k) {
            const double distance = std::abs(static_cast<double>(got.data()[k]) - static_cast<double>(expected[k]));
            if (!(distance <= 2 * bound[k]) && std::isfinite(expected[k])) return false;
          }
          return true;
        };
        if (!alike(x_bar, here.x_bar.data(), bounds.x_bar.data()))
          return blame("the input gradient depends on where its buffers begin");
        if (!alike(theta_bar, here.theta_bar.data(), bounds.theta_bar.data()))
          return blame("the parameter gradient depends on where its buffers begin");
        return CheckResult{};
      },
      host.network.layer(host.stage));
}

template <class T>
CheckResult Checks<T>::enclosure() const {
  if (host.kinks) return {};  // any subderivative is right there: the stages judge that
  const Gradient<Interval>& exact = facts.exact();
  const Outcome& bound = facts.bound();
  const std::vector<T> got = entries(record.gradient);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Index k = static_cast<Index>(i), p = exact.parameters.size();
    const Interval& interval = k < p ? exact.parameters(k) : exact.input.data()[k - p];
    if (!std::isfinite(bound.radius(k)) || interval.contains(Wide(static_cast<double>(got[i])), bound.radius(k)))
      continue;
    return {true, "", "", fmt::format("entry {} lies outside the enclosure widened by its bound", i)};
  }
  return {};
}

template <class T>
CheckResult Checks<T>::differences() const {
  const Outcome &quotient = facts.quotient(), &bound = facts.bound(), &losses = facts.quotient_losses();
  const std::vector<T> got = entries(record.gradient);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Index k = static_cast<Index>(i);
    const double rounding = 4 * losses.loss_radius / quotient.step(k);
    if (quotient.kinked(k) != 0 || quotient.irregularity(k) > rounding || !std::isfinite(bound.radius(k))) continue;
    const double allowed =
        2 * quotient.truncation(k) + rounding + bound.radius(k) + 0x1p-50 * std::abs(quotient.gradient.as_double(k));
    if (!(std::abs(static_cast<double>(got[i]) - quotient.gradient.as_double(k)) <= allowed))
      return {true, "", "", fmt::format("entry {} differs from the difference quotient by more than both bounds", i)};
  }
  return {};
}

template <class T>
CheckResult Checks<T>::duality() const {
  // At a kink the reverse step may take another subderivative than the Jacobian: the stages judge that.
  if (host.stage == host.network.size() || host.kinks) return {};
  const StageRecord<T>& stage = record.stages[static_cast<std::size_t>(host.stage)];
  if (stage.x_bar.size() == 0) return {};
  const Index begin = host.network.offset(host.stage), count = host.network.parameters(host.stage);
  const ParamsIn<T> theta(facts.numbers.theta.data() + begin, count);
  std::mt19937_64 random(29);
  const Matrix<T> u = Matrix<T>::NullaryExpr(stage.x.rows(), stage.x.cols(), [&] {
    return static_cast<T>(static_cast<std::int64_t>(random() >> 44)) / T(1 << 19) - T(1);
  });
  return std::visit(
      [&](const auto& layer) {
        const Matrix<T> forward = along<T, T>(layer, theta, stage.x, u);
        const Arithmetic arithmetic = *rounding_of<T>();
        const ArithmeticScope scope(arithmetic);
        const Matrix<RunningError> bounds = along<RunningError, T>(layer, theta, stage.x, u);
        const Matrix<double> reverse_bounds = stage::bounds_of<T>(layer, theta, stage).x_bar;
        long double from_above = 0, from_below = 0, allowed = 0;
        for (Index i = 0; i < forward.size(); ++i) {
          const long double v = stage.y_bar.data()[i];
          from_above += v * forward.data()[i];
          allowed +=
              std::abs(v) * static_cast<long double>(bounds.data()[i].e + 0x1p-60 * std::abs(bounds.data()[i].v));
        }
        for (Index i = 0; i < u.size(); ++i) {
          const long double w = u.data()[i], x_bar = stage.x_bar.data()[i];
          from_below += w * x_bar;
          allowed += std::abs(w) * (static_cast<long double>(reverse_bounds.data()[i]) + 0x1p-60L * std::abs(x_bar));
        }
        if (!std::isfinite(allowed) || std::abs(from_above - from_below) <= allowed) return CheckResult{};
        return CheckResult{true, stage_name(host), "",
                           fmt::format("<v, J u> = {:.17g}, but <J^T v, u> = {:.17g}", static_cast<double>(from_above),
                                       static_cast<double>(from_below))};
      },
      host.network.layer(host.stage));
}

template <class T>
CheckResult Checks<T>::threads() const {
  const SweepRecord<T> other = record_sweep<T>(facts.problem(), facts.options(3), steps);
  if (same_bits(entries(record.gradient), entries(other.gradient))) return {};
  const std::string what = "three threads give other bits than one";
  if (!same_bits(record.stages.back().y_bar, other.stages.back().y_bar))
    return {true, stage_name(host, host.network.size()), "", what};
  for (Index l = host.network.size() - 1; l >= 0; --l) {
    const StageRecord<T>&one = record.stages[static_cast<std::size_t>(l)],
          &three = other.stages[static_cast<std::size_t>(l)];
    if (!same_bits(Matrix<T>(one.theta_bar), Matrix<T>(three.theta_bar)) || !same_bits(one.x_bar, three.x_bar))
      return {true, stage_name(host, l), "", what};
  }
  return {true, "", "", what};
}

template class Checks<float>;
template class Checks<double>;

}  // namespace backprove
