#pragma once

#include "verify/mutation/facts.hpp"
#include "verify/mutation/layer_maps.hpp"

namespace backprove {

/// One strategy's way to the gradient, so that a bug can be put into it.
template <class T>
class Path {
 public:
  virtual ~Path() = default;
  virtual Vote vote(const HostFacts<T>& facts) const = 0;
  /// The maps of single layers that it multiplies; nullptr if it has none of its own.
  virtual const LayerMaps<T>* maps() const { return nullptr; }
};

/// The vote for what the strategy computed, with the bound of the right strategy: its running error in T; for
/// differences twice the estimated truncation and the rounding of the losses over the step.
template <class T>
Vote vote_of(const HostFacts<T>& facts, std::string_view strategy, Outcome outcome);

/// The votes of all strategies that T's own arithmetic carries out, without a bug; none at a kink, where they may take
/// different subderivatives.
template <class T>
const std::vector<Vote>& votes(const HostFacts<T>& facts);

/// Explicit products of written Jacobians, as `jacobian_structured` multiplies them.
template <class T>
class JacobianPath : public Path<T> {
 public:
  explicit JacobianPath(std::unique_ptr<LayerMaps<T>> with = std::make_unique<LayerMaps<T>>()) : own(std::move(with)) {}
  Vote vote(const HostFacts<T>& facts) const override;
  const LayerMaps<T>* maps() const override { return own.get(); }
  static constexpr std::string_view strategy = "jacobian_structured";

 private:
  std::unique_ptr<LayerMaps<T>> own;
};

/// Forward mode with one tangent at a time, as `forward_mode` carries four.
template <class T>
class TangentPath : public Path<T> {
 public:
  explicit TangentPath(std::unique_ptr<LayerMaps<T>> with = std::make_unique<LayerMaps<T>>()) : own(std::move(with)) {}
  Vote vote(const HostFacts<T>& facts) const override;
  const LayerMaps<T>* maps() const override { return own.get(); }
  static constexpr std::string_view strategy = "forward_mode";

 private:
  std::unique_ptr<LayerMaps<T>> own;
};

/// A strategy as its engine runs it.
template <class T>
class EnginePath : public Path<T> {
 public:
  explicit EnginePath(std::string_view of) : strategy(of) {}
  Vote vote(const HostFacts<T>& facts) const override {
    const Engine& engine = engine_named(sizeof(T) == 4 ? "float" : "double");
    return vote_of<T>(facts, strategy, engine.run(strategy, facts.request()));
  }

 private:
  std::string_view strategy;
};

/// The numbers of a gradient as an engine would hand them on.
template <class T>
Outcome outcome_of(const Gradient<T>& gradient) {
  Outcome outcome;
  std::vector<double> all;
  for (const T& entry : entries(gradient)) all.push_back(static_cast<double>(entry));
  outcome.gradient.assign(std::move(all));
  outcome.truncation = gradient.truncation;
  outcome.step = gradient.step;
  outcome.irregularity = gradient.irregularity;
  outcome.kinked = gradient.kinked;
  return outcome;
}

}  // namespace backprove
