#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <stdexcept>

#include "core/certified.hpp"
#include "core/huge_pages.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/loss_sweep.hpp"
#include "core/scalars/traits.hpp"
#include "core/wide_values.hpp"
#include "generated/strategies.hpp"

namespace backprove {

/// A strategy's numbers in T.
template <class T>
class ReadyIn final : public Ready {
 public:
  ReadyIn(std::string_view strategy, const Request& request)
      : theta(converted<Vector<T>>(request.theta)),
        x(converted<Matrix<T>>(request.x)),
        problem{request.network, request.loss, view(std::as_const(theta)), view(std::as_const(x)), request.y},
        options(request.options) {
    result.resize(problem, options.input_gradient);
    if constexpr (has_kernels<T>) {
      prefer_huge_pages(theta);
      prefer_huge_pages(result.parameters);
    }
    for_each_strategy([&]<class S>() {
      if (S::name == strategy) prepared = S::template prepare<T>(problem, options);
    });
  }

  void gradient() override {
    const ProductsBy scope(has_kernels<T> ? options.kernel : nullptr);
    prepared(result);
  }
  void loss() override {
    const ProductsBy scope(has_kernels<T> ? options.kernel : nullptr);
    if constexpr (has_kernels<T>) {
      if (!fused) fused = fused_sweep<T>(problem, options);
      if (fused) {
        result.loss = fused->loss();
        return;
      }
    }
    if (!forward) forward.emplace(problem, options);
    result.loss = (*forward)();
  }
  Outcome outcome(bool text) const override {
    Outcome outcome;
    outcome.parameters = result.parameters.size();
    collect_values(outcome);
    outcome.truncation = result.truncation;
    outcome.step = result.step;
    outcome.irregularity = result.irregularity;
    outcome.radius = result.radius;
    outcome.kinked = result.kinked;
    for (const auto& extra : result.extras) outcome.extras.push_back({extra.quantity, extra.value, extra.note});
    collect_radii(outcome);
    if (!text) return outcome;
    outcome.text.push_back(written(result.loss));
    for (Index i = 0; i < size(); ++i) outcome.text.push_back(written(entry(i)));
    return outcome;
  }

 private:
  const Vector<T> theta;
  const Matrix<T> x;
  const Problem<T> problem;
  const Options options;
  Gradient<T> result;
  Prepared<T> prepared;
  std::optional<LossSweep<T>> forward;
  std::shared_ptr<FusedSweep<T>> fused;

  template <class M, class From>
  static M converted(const From& from) {
    M to(from.rows(), from.cols());
    for (Index i = 0; i < from.size(); ++i) to.data()[i] = T(static_cast<T>(from.data()[i]));
    return to;
  }
  Index size() const { return result.parameters.size() + result.input.size(); }
  const T& entry(Index i) const {
    const Index k = i - result.parameters.size();
    return k < 0 ? result.parameters(i) : result.input.data()[k];
  }
  /// Radii that the numbers themselves carry.
  void collect_radii(Outcome& outcome) const {
    const auto radius_of = [](const T& number) -> double {
      if constexpr (std::same_as<T, Interval>)
        return number.width_double() / 2;
      else if constexpr (std::same_as<T, RunningError>)
        return number.e;
      else
        return 0;
    };
    if constexpr (std::same_as<T, Interval> || std::same_as<T, RunningError>) {
      outcome.radius.resize(size());
      for (Index i = 0; i < size(); ++i) outcome.radius(i) = radius_of(entry(i));
      outcome.loss_radius = radius_of(result.loss);
    }
  }
  void collect_values(Outcome& outcome) const {
    using namespace math;
    using Number = std::conditional_t<fits_double<T>, double, Wide>;
    const auto number = [](const T& value) -> Number {
      if constexpr (fits_double<T>)
        return to_double(value);
      else
        return to_wide(value);
    };
    std::vector<Number> all;
    all.reserve(static_cast<std::size_t>(size()));
    for (Index i = 0; i < size(); ++i) all.push_back(number(entry(i)));
    if constexpr (fits_double<T>) {
      outcome.gradient.assign(std::move(all));
      outcome.loss.assign(std::vector<double>{number(result.loss)});
    } else {
      outcome.gradient.assign(WideNumbers{std::move(all)});
      outcome.loss.assign(WideNumbers{{number(result.loss)}});
    }
  }
};

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

  std::unique_ptr<Ready> prepare(std::string_view strategy, const Request& request) const override {
    const std::string reason = unsupported(strategy, request.network, request.loss);
    if (!reason.empty()) throw std::invalid_argument(fmt::format("{} in {}: {}", strategy, scalar_name, reason));
    return std::make_unique<ReadyIn<T>>(strategy, request);
  }
  Outcome run(std::string_view strategy, const Request& request) const override {
    Outcome outcome;
    outcome.unsupported = unsupported(strategy, request.network, request.loss);
    if (!outcome.unsupported.empty()) return outcome;
    ReadyIn<T> ready(strategy, request);
    if constexpr (is_counting<T>) reset_counts();
    const auto start = std::chrono::steady_clock::now();
    ready.gradient();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Counts counted;
    if constexpr (is_counting<T>) counted = counts();
    outcome = ready.outcome(request.text);
    outcome.seconds = seconds;
    outcome.counts = counted;
    return outcome;
  }

 private:
  std::string_view scalar_name, text;
  bool in_list;
};

}  // namespace backprove
