#include "verify/mutation/stage_rules.hpp"

#include "generated/baselines.hpp"

namespace backprove {

namespace {

/// A layer of a network as a function of (x, theta) or of theta alone, with a claimed reverse step.
template <class T>
class LayerFunction {
 public:
  LayerFunction(const Host& of, const ReverseSteps<T>& with, Matrix<T> entering, Vector<T> parameters)
      : host(of), steps(with), x(std::move(entering)), theta(std::move(parameters)) {}

  Vector<T> point() const {
    Vector<T> all(inputs() + theta.size());
    all.head(inputs()) = Eigen::Map<const Vector<T>>(x.data(), inputs());
    all.tail(theta.size()) = theta;
    return all;
  }
  Index outputs() const { return host.network.width(host.stage + 1) * x.cols(); }
  Vector<T> value(const Vector<T>& at) const {
    return evaluated(at, [](const At<T>& p) { return Vector<T>(Eigen::Map<const Vector<T>>(p.y.data(), p.y.size())); });
  }
  Vector<T> vjp(const Vector<T>& at, const Vector<T>& v) const {
    return evaluated(at, [&](const At<T>& p) {
      Vector<T> gradient = Vector<T>::Zero(at.size());
      const bool wanted = host.input_gradient;
      Out<T> x_bar(wanted ? gradient.data() : nullptr, wanted ? x.rows() : 0, wanted ? x.cols() : 0);
      steps.layer(host.network, host.stage, p, In<T>(v.data(), p.y.rows(), p.y.cols()), x_bar,
                  ParamsOut<T>(gradient.data() + inputs(), theta.size()));
      return gradient;
    });
  }

 private:
  const Host& host;
  const ReverseSteps<T>& steps;
  Matrix<T> x;
  Vector<T> theta;

  Index inputs() const { return host.input_gradient ? x.size() : 0; }
  template <class F>
  Vector<T> evaluated(const Vector<T>& at, F&& use) const {
    const Matrix<T> entering = host.input_gradient ? Matrix<T>(In<T>(at.data(), x.rows(), x.cols())) : x;
    const Vector<T> own = at.tail(theta.size());
    return std::visit(
        [&](const auto& layer) {
          Matrix<T> y(layer.outputs(), x.cols());
          Vector<T> workspace(layer.workspace() * x.cols());
          const At<T> p{view(own), view(entering), view(std::as_const(y)), view(workspace)};
          layer.value(p, view(y));
          return use(p);
        },
        host.network.layer(host.stage));
  }
};

template <class T>
ClaimedFunction<T> layer_function(const Host& host, const ReverseSteps<T>& steps, const SweepRecord<T>& right) {
  const Vector<T> theta =
      host.data.theta.cast<T>().segment(host.network.offset(host.stage), host.network.parameters(host.stage));
  const auto made = std::make_shared<const LayerFunction<T>>(
      host, steps, right.stages[static_cast<std::size_t>(host.stage)].x, theta);
  return {[made](const Vector<T>& at) { return made->value(at); },
          [made](const Vector<T>& at, const Vector<T>& v) { return made->vjp(at, v); }, made->point(), made->outputs()};
}

template <class T>
ClaimedFunction<T> loss_function(const Host& host, const ReverseSteps<T>& steps, const SweepRecord<T>& right) {
  const Index rows = right.output.rows(), batch = right.output.cols();
  const auto value = [&host, rows, batch](const Vector<T>& z) {
    const T sum = host.loss.sum<T>(In<T>(z.data(), rows, batch), view(host.data.y));
    return Vector<T>(Vector<T>::Constant(1, host.loss.reduce<T>(sum, batch)));
  };
  const auto vjp = [&host, &steps, rows, batch](const Vector<T>& z, const Vector<T>& v) {
    Matrix<T> g = Matrix<T>::Zero(rows, batch);
    steps.loss(host.loss, In<T>(z.data(), rows, batch), view(host.data.y), batch, view(g));
    return Vector<T>(v(0) * Eigen::Map<const Vector<T>>(g.data(), g.size()));
  };
  return {value, vjp, Eigen::Map<const Vector<T>>(right.output.data(), right.output.size()), 1};
}

template <class T>
std::vector<bool> accepted(const Host& host, const ReverseSteps<T>& steps, const SweepRecord<T>& right) {
  const ClaimedFunction<T> function =
      host.kind() == Host::Kind::loss ? loss_function<T>(host, steps, right) : layer_function<T>(host, steps, right);
  std::vector<bool> answers;
  baselines::for_each_baseline([&]<class B>() { answers.push_back(B::template accepts<T>(function)); });
  return answers;
}

}  // namespace

const std::vector<std::string_view>& rule_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    baselines::for_each_baseline([&]<class B>() { all.push_back(B::name); });
    return all;
  }();
  return names;
}

template <class T>
std::vector<RuleAnswer> ask_rules(const Host& host, const ReverseSteps<T>& mutated) {
  const HostNumbers<T> numbers(host);
  const ReverseSteps<T> unmutated;
  const SweepRecord<T> right = record_sweep<T>(numbers.problem(host), {}, unmutated);
  const std::vector<bool> of_mutant = accepted(host, mutated, right), of_right = accepted(host, unmutated, right);
  std::vector<RuleAnswer> answers;
  for (std::size_t r = 0; r < of_mutant.size(); ++r)
    answers.push_back(of_mutant[r] ? RuleAnswer::missed : of_right[r] ? RuleAnswer::caught : RuleAnswer::false_alarm);
  return answers;
}

template std::vector<RuleAnswer> ask_rules<float>(const Host&, const ReverseSteps<float>&);
template std::vector<RuleAnswer> ask_rules<double>(const Host&, const ReverseSteps<double>&);

}  // namespace backprove
