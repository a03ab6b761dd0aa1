#pragma once

#include <memory>
#include <optional>

#include "core/scalars/arithmetic.hpp"
#include "core/scalars/counting.hpp"
#include "core/strategy.hpp"

/// One engine a scalar: every strategy, instantiated once, behind an interface without templates.
namespace backprove {

/// High-precision numbers; core/wide_values.hpp defines them. Most of what includes this header never looks at them,
/// and Boost's headers take longer to compile than all others together.
struct WideNumbers;

/// Numbers of any scalar, without loss: as doubles where the scalar's numbers are doubles, else in high precision.
/// Copies share the latter.
class Values {
 public:
  void assign(std::vector<double> numbers) { narrow = std::move(numbers), wide = nullptr; }
  void assign(WideNumbers numbers);
  Index size() const;
  bool is_narrow() const { return wide == nullptr; }
  /// nullptr where the numbers are doubles.
  const WideNumbers* in_wide() const { return wide.get(); }
  double as_double(Index i) const { return is_narrow() ? narrow[static_cast<std::size_t>(i)] : rounded(i); }
  bool same_bits(const Values& other) const;

 private:
  std::vector<double> narrow;
  std::shared_ptr<const WideNumbers> wide;

  double rounded(Index i) const;
};

/// What to differentiate, in doubles that every scalar asked for represents exactly.
struct Request {
  const Network& network;
  const Loss& loss;
  ParamsIn<double> theta;
  In<double> x, y;
  Options options;
  bool text = false;  ///< also write every number in full, as decimal or rational text
};

/// The flat gradient is the parameters' in text order, then the inputs' sample by sample.
struct Outcome {
  std::string unsupported;  ///< the reason, if the strategy cannot serve this; then nothing else is set
  Values loss, gradient;
  Index parameters = 0;
  Vector<double> truncation, step, irregularity, radius;  ///< as in Gradient; radius also from running_error
  double loss_radius = 0;                                 ///< running_error only
  Vector<signed char> kinked;
  std::vector<Gradient<double>::Extra> extras;
  Counts counts;  ///< counting only
  double seconds = 0;
  std::vector<std::string> text;  ///< loss, then the gradient, if asked for
};

/// One strategy on one problem, with the numbers in the engine's scalar and all memory at hand: it can be called many
/// times, with the same bits every time. Borrows the request's network, loss and targets.
class Ready {
 public:
  virtual ~Ready() = default;
  /// The loss and its gradient.
  virtual void gradient() = 0;
  /// The loss alone: the forward sweeps of the same chunks, on the same threads. Its memory is taken by the first call.
  virtual void loss() = 0;
  /// What the last gradient() gave; no counts and no time.
  virtual Outcome outcome(bool text) const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view description() const = 0;
  /// False for scalars that only serve others (running_error).
  virtual bool listed() const = 0;
  /// Half the distance from 1 to the next number, 0 if there is no rounding.
  virtual double unit_roundoff() const = 0;
  virtual std::size_t bytes() const = 0;
  /// Roundings and budgets for the running_error scalar; nothing for scalars that carry their own bound or do not
  /// round.
  virtual std::optional<Arithmetic> arithmetic() const = 0;
  /// Empty, or why the strategy cannot serve this network and loss in this scalar.
  virtual std::string unsupported(std::string_view strategy, const Network& network, const Loss& loss) const = 0;
  virtual Outcome run(std::string_view strategy, const Request& request) const = 0;
  /// Throws std::invalid_argument with the reason of unsupported().
  virtual std::unique_ptr<Ready> prepare(std::string_view strategy, const Request& request) const = 0;
};

/// Known strategies, in the order of the list.
struct StrategyInfo {
  std::string_view name;
  unsigned trusts;
  Cost (*predict)(const Shape&);
};
/// What a strategy's gradient costs: as it predicts it itself, but with a fused sweep's memory where it runs by a
/// kernel. `chosen` is the kernel that is asked for, or nullptr.
Cost cost_of(const StrategyInfo& strategy, const Shape& shape, const Loss& loss, const Kernel* chosen,
             std::string_view scalar);
const std::vector<StrategyInfo>& strategies();
const std::vector<const Engine*>& engines();
/// Throw std::invalid_argument with the known names.
const StrategyInfo& strategy_named(std::string_view name);
const Engine& engine_named(std::string_view name);

}  // namespace backprove
