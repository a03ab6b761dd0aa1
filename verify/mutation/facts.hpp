#pragma once

#include <mutex>
#include <optional>

#include "core/certified.hpp"
#include "core/engine.hpp"
#include "verify/mutation/host.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// What one strategy says of a host's gradient, and how far a right one may lie from the exact value.
struct Vote {
  const StrategyInfo* strategy;
  Outcome outcome;
  Tolerance tolerance;
};

/// A value that is computed when it is first asked for, by whichever thread asks.
template <class V>
class Lazy {
 public:
  template <class F>
  const V& get(F&& make) const {
    std::call_once(once, [&] { value.emplace(make()); });
    return *value;
  }

 private:
  mutable std::once_flag once;
  mutable std::optional<V> value;
};

/// What is true of a host whatever mutant is put into it, computed once: its mutants are compared with the same
/// numbers.
template <class T>
class HostFacts {
 public:
  explicit HostFacts(const Host& of) : host(of), numbers(of) {}

  const Host& host;
  const HostNumbers<T> numbers;

  Problem<T> problem() const { return numbers.problem(host); }
  Options options(int threads = 1) const;
  /// The host's numbers as every engine takes them.
  Request request() const;
  /// The exact gradient, enclosed.
  const Gradient<Interval>& exact() const;
  /// The gradient of reverse mode with its running error in T.
  const Outcome& bound() const { return bounded("reverse_vjp"); }
  /// The same of any strategy.
  const Outcome& bounded(std::string_view strategy) const;
  /// Central differences in double, and the running error of their losses.
  const Outcome& quotient() const;
  const Outcome& quotient_losses() const;
  /// What path.hpp says of the host: the strategies' votes, and the running errors of its two layer-by-layer paths.
  const Lazy<std::vector<Vote>> votes;
  const Lazy<Vector<double>> jacobian_radius, tangent_radius;

 private:
  struct Bounded {
    std::string_view strategy;
    Lazy<Outcome> outcome;
  };
  Lazy<Gradient<Interval>> enclosed;
  std::vector<std::unique_ptr<Bounded>> bounds = every_strategy();
  Lazy<Outcome> differences, losses;

  static std::vector<std::unique_ptr<Bounded>> every_strategy();
};

/// All entries of a gradient: the parameters', then the inputs' sample by sample.
template <class T>
std::vector<T> entries(const Gradient<T>& gradient) {
  std::vector<T> all(gradient.parameters.data(), gradient.parameters.data() + gradient.parameters.size());
  all.insert(all.end(), gradient.input.data(), gradient.input.data() + gradient.input.size());
  return all;
}

extern template class HostFacts<float>;
extern template class HostFacts<double>;

}  // namespace backprove
