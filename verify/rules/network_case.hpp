#pragma once

#include "core/data.hpp"
#include "core/promotion.hpp"
#include "core/strategies/reverse_vjp.hpp"
#include "verify/rules/rule_case.hpp"
#include "verify/stage/stages.hpp"

namespace backprove {

inline constexpr const char* deep_net =
    "affine(6,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh "
    "affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,9) tanh affine(9,3)";
inline constexpr const char* deep_relu_net =
    "affine(6,9) relu affine(9,9) relu affine(9,9) relu affine(9,9) relu affine(9,9) relu affine(9,9) relu "
    "affine(9,9) relu affine(9,9) relu affine(9,9) relu affine(9,9) relu affine(9,9) relu affine(9,3)";
inline constexpr const char* shallow_net = "affine(4,5) tanh affine(5,3)";

/// The mean squared error of a network as a function of its parameters, with what one reverse sweep claims, damaged:
/// 0 not at all, 1 one weight gradient times 1.004, 2 a bias gradient of the first sample only, 3 a weight gradient
/// transposed, 4 the loss's gradient halved.
template <class T>
class NetworkCase {
 public:
  NetworkCase(const char* text, int kind, bool at_optimum)
      : network(Network::parse(text)), loss(Loss::named("squared_error", Reduction::mean)), damage(kind) {
    Recipe recipe;
    recipe.batch = 5;
    recipe.initialisation = "he";
    data = make_data(network, loss, recipe);
    theta = data.theta.cast<T>();
    x = data.x.cast<T>();
    if (!at_optimum) return;
    Vector<T> workspace(network.workspace() * x.cols());
    const NetworkTape<T> tape = network.tape(
        At<T>{view(std::as_const(theta)), view(std::as_const(x)), view(std::as_const(x)), view(workspace)});
    tape.forward();
    for (Index i = 0; i < data.y.size(); ++i)
      data.y.data()[i] = static_cast<double>(static_cast<T>(static_cast<double>(tape.output().data()[i]) * (1 + 1e-6)));
  }
  Vector<T> value(const Vector<T>& at) const {
    T result;
    tape_of(problem(at), result);
    return Vector<T>::Constant(1, result);
  }
  SweepRecord<T> sweep(const Vector<T>& at) const {
    SweepRecord<T> record = record_sweep<T>(problem(at), {}, Halved(damage == 4));
    const Index l = std::min<Index>(4, network.size() - 1);  // an affine layer
    StageRecord<T>& stage = record.stages[static_cast<std::size_t>(l)];
    const Index n_in = network.width(l), n_out = network.width(l + 1);
    if (damage == 1) stage.theta_bar.head(n_in * n_out) *= static_cast<T>(1.004);
    if (damage == 2) stage.theta_bar.tail(n_out) = stage.y_bar.col(0);
    if (damage == 3) {
      const Matrix<T> weight = Out<T>(stage.theta_bar.data(), n_in, n_out);
      Out<T>(stage.theta_bar.data(), n_out, n_in) = weight.transpose();
    }
    record.gradient.parameters.segment(network.offset(l), network.parameters(l)) = stage.theta_bar;
    return record;
  }
  std::vector<TensorJudgement> ours() const { return judge_stages<T>(problem(theta), sweep(theta), true); }
  const Vector<T>& point() const { return theta; }

 private:
  /// The loss's step with or without its factor.
  class Halved : public ReverseSteps<T> {
   public:
    explicit Halved(bool yes) : halved(yes) {}
    void loss(const Loss& of, In<T> z, In<double> y, Index batch, Out<T> g) const override {
      of.gradient<T>(z, y, batch, g);
      if (halved) g /= T(2);
    }

   private:
    bool halved;
  };
  Network network;
  Loss loss;
  int damage;
  Data data;
  Vector<T> theta;
  Matrix<T> x;

  Problem<T> problem(const Vector<T>& at) const { return {network, loss, view(at), view(x), view(data.y)}; }
};

template <class T>
RuleCase<T> network_case(std::string name, std::string what, bool right, const char* text, int damage,
                         bool at_optimum = false) {
  const auto made = std::make_shared<const NetworkCase<T>>(text, damage, at_optimum);
  RuleCase<T> result{std::move(name), std::move(what), right, {}, [made] { return made->ours(); }};
  result.function.x = made->point();
  result.function.outputs = 1;
  result.function.value = [made](const Vector<T>& at) { return made->value(at); };
  result.function.vjp = [made](const Vector<T>& at, const Vector<T>& v) {
    return Vector<T>(v(0) * made->sweep(at).gradient.parameters);
  };
  return result;
}

}  // namespace backprove
