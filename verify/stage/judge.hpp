#pragma once

#include <optional>

#include "core/chunked.hpp"
#include "core/scalars/traits.hpp"
#include "core/taped_gradient.hpp"
#include "verify/stage/affine_step.hpp"
#include "verify/stage/hint.hpp"
#include "verify/stage/judgement.hpp"
#include "verify/stage/record.hpp"

/// The stage-local check. What a stage computed from its inputs is compared with the exact result from the same inputs:
/// an interval that contains it, by a tape over the layer's value alone or, for affine layers, by products in
/// double-double. The bound is the running error of the layer's
/// own vjp, and of the value that it uses, in the arithmetic under test; every matrix product is bounded for any order
/// of summation.
namespace backprove {

/// Exact entries and bounds of one tensor, in the order of the computed one.
struct ExactTensor {
  std::vector<Interval> entries;
  Matrix<double> bound;
};

/// How a tensor is judged.
struct TensorTask {
  std::string stage, tensor;
  Index batch = 1;
  bool columns_are_samples = false;
  /// Digits that may be lost are those of the bound only, or the entries must be good to a few ulp (elementwise layers
  /// that do not declare otherwise).
  bool accurate = false;
  double unit_roundoff = 0;
  /// With `accurate`: the cotangent of every entry; digits are owed where the slope is a normal number too.
  const Matrix<double>* cotangent = nullptr;
  /// Called for a wrong tensor only.
  std::function<std::vector<std::pair<std::string, Matrix<double>>>()> alternatives = {};
};

/// `got` in double. Also used for gradients that come from elsewhere.
TensorJudgement judge_tensor(const TensorTask& task, const Matrix<double>& got, const ExactTensor& exact);

/// Bits of the exact results: enough for double-double and more, and fast.
inline constexpr unsigned stage_bits = 192;

/// Largest relative error, in units of u, that an elementwise slope may have: 2 u an ulp, 16 ulp.
inline constexpr double accurate_units = 32;

namespace stage {

template <class T>
Matrix<double> in_double(const Matrix<T>& m) {
  return m.template cast<double>();
}

/// x as an interval; at exactly 0, where a layer may have a kink, a tiny neighbourhood, so that a derivative becomes
/// the whole set of slopes there.
template <class L>
Interval neighbourhood(double x) {
  Interval result(x);
  if constexpr (requires { L::slope_jumps; })
    if (!L::slope_jumps) return result;
  if (x == 0) mpfi_interv_d(result.get(), -0x1p-1000, 0x1p-1000);
  return result;
}

/// The intervals of one layer's step, and what the single samples contribute to theta_bar if asked for.
template <class T, class L>
class ExactStep {
 public:
  ExactStep(const L& of, ParamsIn<T> parameters, const StageRecord<T>& stage)
      : layer(of), record(stage), theta(promoted<Interval>(parameters)) {
    const Index batch = record.x.cols();
    if constexpr (std::same_as<L, Affine>) {
      const In<T> weight(parameters.data(), layer.n_in, layer.n_out);
      auto fast = affine_intervals(weight.template cast<double>(), in_double(record.x), in_double(record.y_bar));
      if (fast) {
        x_bar = std::move(fast->x_bar);
        theta_bar = std::move(fast->theta_bar);
        return;
      }
    }
    theta_bar = Vector<Interval>::Constant(layer.parameters(), Interval(0));
    x_bar.resize(layer.inputs(), batch);
    for (Index s = 0; s < batch; ++s) x_bar.col(s) = sample(s, column(record.y_bar, s), theta_bar);
  }
  Matrix<Interval> x_bar;
  Vector<Interval> theta_bar;

  Vector<Interval> sample(Index s, const Vector<Interval>& y_bar, Vector<Interval>& to) {
    Matrix<Interval> x(layer.inputs(), 1);
    for (Index i = 0; i < x.rows(); ++i) x(i, 0) = neighbourhood<L>(static_cast<double>(record.x(i, s)));
    return step.layer(layer, view(std::as_const(theta)), view(std::as_const(x)), view(y_bar), view(to));
  }
  static Vector<Interval> column(const Matrix<T>& m, Index s) {
    Vector<Interval> result(m.rows());
    for (Index i = 0; i < m.rows(); ++i) result(i) = Interval(static_cast<double>(m(i, s)));
    return result;
  }
  /// Every sample's own theta_bar (P x B), in double.
  Matrix<double> contributions() {
    Matrix<double> all(layer.parameters(), record.x.cols());
    for (Index s = 0; s < all.cols(); ++s) {
      Vector<Interval> own = Vector<Interval>::Constant(layer.parameters(), Interval(0));
      sample(s, column(record.y_bar, s), own);
      for (Index k = 0; k < own.size(); ++k) all(k, s) = to_double(own(k));
    }
    return all;
  }
  /// dy/dx of every sample (n_out x n_in), in double.
  std::vector<Matrix<double>> jacobians() {
    std::vector<Matrix<double>> all;
    Vector<Interval> unused = Vector<Interval>::Constant(layer.parameters(), Interval(0));
    for (Index s = 0; s < record.x.cols(); ++s) {
      Matrix<double> jacobian(layer.outputs(), layer.inputs());
      for (Index i = 0; i < layer.outputs(); ++i) {
        Vector<Interval> unit = Vector<Interval>::Constant(layer.outputs(), Interval(0));
        unit(i) = Interval(1);
        const Vector<Interval> row = sample(s, unit, unused);
        for (Index j = 0; j < row.size(); ++j) jacobian(i, j) = to_double(row(j));
      }
      all.push_back(std::move(jacobian));
    }
    return all;
  }

 private:
  const L& layer;
  const StageRecord<T>& record;
  Vector<Interval> theta;
  TapedStep<Interval> step;
};

/// A formula that gives no number even without rounding (in double) has no excuse: its bound is 0.
inline double bound_of(const RunningError& x) { return std::isfinite(x.v) ? x.e : 0; }

/// The same for an entry of x_bar, by the layer's own declaration where there is one.
template <class L>
double input_bound(const RunningError& x) {
  if constexpr (requires { L::slope_units; })
    if (L::slope_units > 0 && std::isfinite(x.v)) {
      const Arithmetic& a = active_arithmetic();
      return L::slope_units * a.unit_roundoff * x.most() + a.smallest_subnormal;
    }
  return bound_of(x);
}

struct Bounds {
  Matrix<double> x_bar;
  Vector<double> theta_bar;
};

/// The running errors of value and vjp, chunk by chunk as the strategy runs them.
template <class T, class L>
Bounds bounds_of(const L& layer, ParamsIn<T> parameters, const StageRecord<T>& record) {
  const Arithmetic arithmetic = *rounding_of<T>();
  const ArithmeticScope scope(arithmetic);
  const Index batch = record.x.cols(), chunk = record.chunk;
  const Vector<RunningError> theta = promoted<RunningError>(parameters);
  Bounds bounds{Matrix<double>(layer.inputs(), batch), Vector<double>(layer.parameters())};
  Vector<RunningError> total = Vector<RunningError>::Constant(layer.parameters(), RunningError(0));
  for (Index begin = 0; begin < batch; begin += chunk) {
    const Index samples = std::min(chunk, batch - begin);
    const Matrix<RunningError> x = record.x.middleCols(begin, samples).unaryExpr([](T v) { return RunningError(v); });
    const Matrix<RunningError> y_bar =
        record.y_bar.middleCols(begin, samples).unaryExpr([](T v) { return RunningError(v); });
    Matrix<RunningError> y(layer.outputs(), samples), x_bar(layer.inputs(), samples);
    Vector<RunningError> workspace(layer.workspace() * samples);
    Vector<RunningError> own = Vector<RunningError>::Constant(layer.parameters(), RunningError(0));
    const At<RunningError> p{view(theta), view(x), view(std::as_const(y)), view(workspace)};
    layer.value(p, view(y));
    layer.vjp(p, view(y_bar), view(x_bar), view(own));
    for (Index i = 0; i < x_bar.size(); ++i)
      bounds.x_bar.data()[begin * layer.inputs() + i] = input_bound<L>(x_bar.data()[i]);
    for (Index k = 0; k < own.size(); ++k) total(k) = begin == 0 ? own(k) : total(k) + own(k);
  }
  for (Index k = 0; k < total.size(); ++k) bounds.theta_bar(k) = bound_of(total(k));
  return bounds;
}

/// What known mistakes would have given for x_bar: each costs a Jacobian, so this is asked for after a failure only.
template <class T, class L>
std::vector<std::pair<std::string, Matrix<double>>> mistaken_input_gradients(const L& layer, ExactStep<T, L>& exact,
                                                                             const StageRecord<T>& record) {
  constexpr Index most = 300;  // beyond, the Jacobians take too long
  const Matrix<double> y_bar = in_double(record.y_bar);
  const bool square = layer.inputs() == layer.outputs();
  std::vector<std::pair<std::string, Matrix<double>>> list;
  if (square) list.emplace_back("the cotangent passed on unchanged", y_bar);
  if (layer.inputs() > most || layer.outputs() > most) return list;
  const auto jacobians = exact.jacobians();
  const auto by_sample = [&](std::string name, auto&& formula) {
    Matrix<double> all(layer.inputs(), y_bar.cols());
    for (Index s = 0; s < all.cols(); ++s) all.col(s) = formula(jacobians[static_cast<std::size_t>(s)], y_bar.col(s));
    list.emplace_back(std::move(name), std::move(all));
  };
  by_sample("the cotangent ignored (ones in its place)",
            [](const Matrix<double>& j, const auto&) { return Vector<double>(j.colwise().sum().transpose()); });
  if (!square) return list;
  by_sample("transposed (J in place of J^T)",
            [](const Matrix<double>& j, const auto& v) { return Vector<double>(j * v); });
  by_sample("off-diagonal terms missing",
            [](const Matrix<double>& j, const auto& v) { return Vector<double>(j.diagonal().cwiseProduct(v)); });
  by_sample("the identity's part missing",
            [](const Matrix<double>& j, const auto& v) { return Vector<double>(j.transpose() * v - v); });
  by_sample("the identity added once too often",
            [](const Matrix<double>& j, const auto& v) { return Vector<double>(j.transpose() * v + v); });
  return list;
}

/// The same for a part of theta_bar: sums over the wrong samples.
inline std::vector<std::pair<std::string, Matrix<double>>> mistaken_sums(const Matrix<double>& contributions,
                                                                         Index rows, Index columns) {
  std::vector<std::pair<std::string, Matrix<double>>> list;
  const Vector<double> sum = contributions.rowwise().sum();
  const auto add = [&](std::string name, const Vector<double>& numbers) {
    list.emplace_back(std::move(name), Eigen::Map<const Matrix<double>>(numbers.data(), rows, columns));
  };
  const Index batch = contributions.cols();
  if (batch < 2) return list;
  for (Index s = 0; s < std::min<Index>(batch, 64); ++s) {
    const Vector<double> one = contributions.col(s);
    add(fmt::format("sum missing: sample {} only", s), one);
    add(fmt::format("sample {}{} missing from the sum", s, s == batch - 1 ? " (the last)" : ""), sum - one);
    add(fmt::format("sample {} counted twice", s), sum + one);
  }
  add("twice the sum of all but the right weight of the first sample", 2 * sum - contributions.col(0));
  return list;
}

template <class L>
constexpr bool declared_accurate() {
  if constexpr (requires { L::loses_digits; })
    return L::loses_digits.empty();
  else
    return false;
}

}  // namespace stage

/// What overflowed before a stage is not the stage's fault, and nothing can be said of what it does then.
inline void excuse_nonfinite_inputs(std::vector<TensorJudgement>& all) {
  for (TensorJudgement& judgement : all) {
    judgement.finding = Finding::inconclusive;
    judgement.reason = "domain: what entered the stage is not finite";
    judgement.hint.clear();
  }
}

/// Judges everything that one layer's reverse step computed.
template <class T, class L>
std::vector<TensorJudgement> judge_layer(const L& layer, std::string name, ParamsIn<T> theta,
                                         const StageRecord<T>& record) {
  const PrecisionScope precision(stage_bits);
  stage::ExactStep<T, L> exact(layer, theta, record);
  const stage::Bounds bounds = stage::bounds_of<T>(layer, theta, record);
  const Index batch = record.x.cols();
  TensorTask task{std::move(name), "input gradient", batch, true, stage::declared_accurate<L>(), unit_roundoff<T>()};
  std::vector<TensorJudgement> all;
  if (record.x_bar.size() > 0) {
    const Matrix<double> cotangent = stage::in_double(record.y_bar);
    if (task.accurate) task.cotangent = &cotangent;
    task.alternatives = [&] { return stage::mistaken_input_gradients<T>(layer, exact, record); };
    const Interval* first = exact.x_bar.data();
    all.push_back(judge_tensor(task, stage::in_double(record.x_bar),
                               {std::vector<Interval>(first, first + exact.x_bar.size()), bounds.x_bar}));
  }
  task.columns_are_samples = task.accurate = false;
  task.cotangent = nullptr;
  Index begin = 0;
  for (const ParameterPart& part : parameter_parts(layer)) {
    const Index size = part.rows * part.columns;
    task.tensor = part.name + " gradient";
    task.alternatives = [&] {
      return stage::mistaken_sums(exact.contributions().middleRows(begin, size), part.rows, part.columns);
    };
    const Interval* first = exact.theta_bar.data() + begin;
    all.push_back(judge_tensor(
        task,
        Eigen::Map<const Matrix<T>>(record.theta_bar.data() + begin, part.rows, part.columns).template cast<double>(),
        {std::vector<Interval>(first, first + size),
         Eigen::Map<const Matrix<double>>(bounds.theta_bar.data() + begin, part.rows, part.columns)}));
    begin += size;
  }
  if (!record.x.allFinite() || !record.y_bar.allFinite()) excuse_nonfinite_inputs(all);
  return all;
}

/// Judges the loss's own step: the cotangent that it hands to the last layer.
template <class T>
TensorJudgement judge_loss(const Loss& loss, const Matrix<T>& output, In<double> targets, const Matrix<T>& got) {
  const PrecisionScope precision(stage_bits);
  const Index batch = output.cols(), n = output.rows();
  ExactTensor exact{std::vector<Interval>(static_cast<std::size_t>(output.size())), Matrix<double>(n, batch)};
  TapedStep<Interval> step;
  for (Index s = 0; s < batch; ++s) {
    Matrix<Interval> z(n, 1);
    for (Index i = 0; i < n; ++i) z(i, 0) = Interval(static_cast<double>(output(i, s)));
    step.loss(loss, view(std::as_const(z)), targets.data() + s * targets.rows(), batch,
              ParamsOut<Interval>(exact.entries.data() + s * n, n));
  }
  const Arithmetic arithmetic = *rounding_of<T>();
  const ArithmeticScope scope(arithmetic);
  const Matrix<RunningError> z = output.unaryExpr([](T v) { return RunningError(v); });
  Matrix<RunningError> g(n, batch);
  loss.gradient<RunningError>(view(z), targets, batch, view(g));
  for (Index i = 0; i < g.size(); ++i) exact.bound.data()[i] = stage::bound_of(g.data()[i]);
  TensorTask task{fmt::format("loss, {}", loss.name()), "output gradient", batch, true, false, unit_roundoff<T>()};
  task.alternatives = [&] {
    std::vector<std::pair<std::string, Matrix<double>>> list;
    Matrix<double> moved(n, batch), right(n, batch);
    for (Index i = 0; i < g.size(); ++i) right.data()[i] = to_double(exact.entries[static_cast<std::size_t>(i)]);
    for (Index s = 0; s < batch; ++s) moved.col(s) = right.col((s + 1) % batch);
    if (batch > 1) list.emplace_back("the next sample's gradient", moved);
    return list;
  };
  return judge_tensor(task, stage::in_double(got), exact);
}

}  // namespace backprove
