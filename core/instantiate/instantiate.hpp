#pragma once

#include <chrono>
#include <concepts>

#include "core/certified.hpp"
#include "core/engine.hpp"
#include "core/scalars/traits.hpp"
#include "generated/strategies.hpp"

namespace backprove {

/// The engine of scalar T: instantiates every strategy. Included by one file a scalar, so that each compiles alone.
template <class T>
class EngineOf final : public Engine {
 public:
  EngineOf(std::string_view scalar, std::string_view what, bool shown = true)
      : scalar_name(scalar), text(what), in_list(shown) {}

  std::string_view name() const override { return scalar_name; }
  std::string_view description() const override { return text; }
  bool listed() const override { return in_list; }
  double unit_roundoff() const override { return std::same_as<T, Rational> ? 0 : backprove::unit_roundoff<T>(); }
  std::optional<Arithmetic> arithmetic() const override { return rounding_of<T>(); }
  std::size_t bytes() const override { return storage_bytes<T>(); }

  std::string unsupported(std::string_view strategy, const Network& network, const Loss& loss) const override {
    if constexpr (std::same_as<T, Rational>) {
      std::string reason = irrational_reason(network, loss);
      if (!reason.empty()) return reason;
    }
    std::string reason;
    for_each_strategy([&]<class S>() {
      if (S::name == strategy) reason = S::template unsupported<T>(network, loss);
    });
    return reason;
  }

  Outcome run(std::string_view strategy, const Request& request) const override {
    Outcome outcome;
    outcome.unsupported = unsupported(strategy, request.network, request.loss);
    if (!outcome.unsupported.empty()) return outcome;
    const Vector<T> theta = converted<Vector<T>>(request.theta);
    const Matrix<T> x = converted<Matrix<T>>(request.x);
    const Problem<T> problem{request.network, request.loss, view(theta), view(x), request.y};
    Gradient<T> gradient;
    gradient.resize(problem, request.options.input_gradient);
    Prepared<T> prepared;
    for_each_strategy([&]<class S>() {
      if (S::name == strategy) prepared = S::template prepare<T>(problem, request.options);
    });
    if constexpr (is_counting<T>) reset_counts();
    const auto start = std::chrono::steady_clock::now();
    prepared(gradient);
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if constexpr (is_counting<T>) outcome.counts = counts();
    collect(gradient, request, outcome);
    return outcome;
  }

 private:
  std::string_view scalar_name, text;
  bool in_list;

  template <class M, class From>
  static M converted(const From& from) {
    M to(from.rows(), from.cols());
    for (Index i = 0; i < from.size(); ++i) to.data()[i] = T(static_cast<T>(from.data()[i]));
    return to;
  }
  static void collect(Gradient<T>& gradient, const Request& request, Outcome& outcome) {
    outcome.parameters = gradient.parameters.size();
    collect_values(gradient, outcome);
    outcome.truncation = std::move(gradient.truncation);
    outcome.step = std::move(gradient.step);
    outcome.irregularity = std::move(gradient.irregularity);
    outcome.radius = std::move(gradient.radius);
    outcome.kinked = std::move(gradient.kinked);
    for (auto& extra : gradient.extras) outcome.extras.push_back({extra.quantity, extra.value, extra.note});
    if constexpr (std::same_as<T, Interval>) {
      outcome.radius.resize(gradient.parameters.size() + gradient.input.size());
      for (Index i = 0; i < outcome.radius.size(); ++i) outcome.radius(i) = entry(gradient, i).width_double() / 2;
      outcome.loss_radius = gradient.loss.width_double() / 2;
    }
    if constexpr (std::same_as<T, RunningError>) {
      outcome.radius.resize(gradient.parameters.size() + gradient.input.size());
      for (Index i = 0; i < outcome.radius.size(); ++i) outcome.radius(i) = entry(gradient, i).e;
      outcome.loss_radius = gradient.loss.e;
    }
    if (!request.text) return;
    outcome.text.push_back(written(gradient.loss));
    for (Index i = 0; i < gradient.parameters.size() + gradient.input.size(); ++i)
      outcome.text.push_back(written(entry(gradient, i)));
  }
  static const T& entry(const Gradient<T>& gradient, Index i) {
    const Index k = i - gradient.parameters.size();
    return k < 0 ? gradient.parameters(i) : gradient.input.data()[k];
  }
  static void collect_values(const Gradient<T>& gradient, Outcome& outcome) {
    using namespace math;
    using Number = std::conditional_t<fits_double<T>, double, Wide>;
    const auto number = [](const T& value) -> Number {
      if constexpr (fits_double<T>)
        return to_double(value);
      else
        return to_wide(value);
    };
    std::vector<Number> all;
    all.reserve(static_cast<std::size_t>(gradient.parameters.size() + gradient.input.size()));
    for (Index i = 0; i < gradient.parameters.size() + gradient.input.size(); ++i)
      all.push_back(number(entry(gradient, i)));
    outcome.gradient.assign(std::move(all));
    outcome.loss.assign(std::vector<Number>{number(gradient.loss)});
  }
};

}  // namespace backprove
