#pragma once

#include <memory>

#include "core/network.hpp"
#include "verify/rules/rule_case.hpp"
#include "verify/stage/judge.hpp"

namespace backprove {

/// A function given by its value and a claimed product, as a stage that can be judged: value(x, y), and
/// back(p, v, x_bar), for one sample, in every scalar. If it declares itself accurate, its slopes must be good to a few
/// ulp.
template <class V, class G, bool accurate = false>
struct FunctionStage {
  static constexpr std::string_view loses_digits = accurate ? "" : "not declared accurate";
  Index n, m;
  V v;
  G g;

  FunctionStage(Index inputs, Index outputs, V value, G back) : n(inputs), m(outputs), v(value), g(back) {}
  Index inputs() const { return n; }
  Index outputs() const { return m; }
  Index parameters() const { return 0; }
  Index workspace() const { return 0; }
  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    v(p.x, y);
  }
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T>) const {
    g(p, y_bar, x_bar);
  }
};

template <class V, class G>
FunctionStage<V, G, true> accurate_stage(Index inputs, Index outputs, V value, G back) {
  return {inputs, outputs, value, back};
}

/// A layer of this project of width n, with its own formulas.
template <class L>
L layer_stage(Index n) {
  L layer;
  layer.n = n;
  return layer;
}

/// Only the value of a layer without parameters.
template <class L>
struct LayerValue {
  L layer;
  template <class T>
  void operator()(In<T> x, Out<T> y) const {
    Vector<T> none;
    layer.value(At<T>{view(std::as_const(none)), x, In<T>(y.data(), y.rows(), y.cols()), view(none)}, y);
  }
};
template <class L>
LayerValue<L> layer_value(Index n) {
  return {layer_stage<L>(n)};
}

struct SoftmaxDiagonal {
  template <class T>
  void operator()(const At<T>& p, In<T> v, Out<T> x_bar) const {
    for (Index i = 0; i < x_bar.size(); ++i) x_bar.data()[i] = p.y.data()[i] * (T(1) - p.y.data()[i]) * v.data()[i];
  }
};
struct ZeroBack {
  template <class T>
  void operator()(const At<T>&, In<T>, Out<T> x_bar) const {
    for (Index i = 0; i < x_bar.size(); ++i) x_bar.data()[i] = T(0);
  }
};

/// One stage at one point, for one random signed cotangent.
template <class T, class S>
RuleCase<T> stage_case(std::string name, std::string what, bool right, S of, const Vector<double>& at) {
  const auto stage = std::make_shared<const S>(std::move(of));
  const auto theta = std::make_shared<Vector<T>>(Vector<T>::Ones(stage->parameters()));
  const auto run = [stage, theta](const Vector<T>& x, auto&& use) {
    Matrix<T> column = x, y(stage->outputs(), 1);
    Vector<T> workspace(stage->workspace());
    const At<T> p{view(std::as_const(*theta)), view(std::as_const(column)), view(std::as_const(y)), view(workspace)};
    stage->value(p, view(y));
    return use(p, y);
  };
  RuleCase<T> made{std::move(name), std::move(what), right, {}, {}};
  made.function.x = at.cast<T>();
  made.function.outputs = stage->outputs();
  made.function.value = [run](const Vector<T>& x) {
    return run(x, [](const At<T>&, const Matrix<T>& y) { return Vector<T>(y); });
  };
  made.function.vjp = [run, stage](const Vector<T>& x, const Vector<T>& v) {
    return run(x, [&](const At<T>& p, const Matrix<T>&) {
      const Matrix<T> cotangent = v;
      Matrix<T> x_bar(stage->inputs(), 1);
      Vector<T> theta_bar = Vector<T>::Zero(stage->parameters());
      stage->vjp(p, view(cotangent), view(x_bar), view(theta_bar));
      return Vector<T>(x_bar);
    });
  };
  made.ours = [stage, theta, label = made.name, function = made.function] {
    StageRecord<T> record;
    record.x = function.x;
    record.y_bar = Directions<T>(23).normal(function.outputs);
    record.x_bar = function.vjp(function.x, record.y_bar.col(0));
    record.theta_bar = Vector<T>::Zero(stage->parameters());
    std::vector<TensorJudgement> all = judge_layer<T>(*stage, label, view(std::as_const(*theta)), record);
    all.resize(1);  // parameters are not part of the case
    return all;
  };
  return made;
}

}  // namespace backprove
