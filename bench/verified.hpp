#pragma once

#include <optional>

#include "core/engine.hpp"
#include "core/record/row.hpp"
#include "verify/problem.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// What may be said of a gradient before it is timed.
struct Verified {
  Status status = Status::ok;  ///< ok, failed, nonfinite, or inconclusive: then no error was seen, but one might hide
  std::string note;
};

/// Verifies the gradients of one problem in one scalar: reverse mode stage by stage, by random directions against the
/// exact derivatives from the same inputs (float and double), unless the numbers are those of another number of threads
/// to the last bit; everything else against reverse mode, within the sum of both bounds. `got` must come from the
/// options' number of threads.
class Verifier {
 public:
  Verifier(const SpecifiedProblem& of, const Engine& in, const Limits& within);
  Verified of(const StrategyInfo& strategy, const Options& options, const Outcome& got);
  /// Reverse mode's gradient and its bound, which may be missing; computed once.
  std::pair<const Outcome&, const Tolerance&> reverse(const Options& options);
  /// The bound of the strategy that gave `got`; it may be missing.
  Tolerance bound(const StrategyInfo& strategy, const Options& options, const Outcome& got) const;

 private:
  const SpecifiedProblem& problem;
  const Engine& engine;
  const Limits limits;
  std::optional<Outcome> expected;  ///< of reverse mode, once it is needed; all calls have the same input_gradient
  Tolerance expected_bound;
  /// What the stages of reverse mode said last, of which numbers, on how many threads.
  struct Judged {
    Values gradient;
    Verified verified;
    int threads;
  };
  std::optional<Judged> judged;

  Request request(const Options& options) const;
  Verified stages(const Options& options, const Outcome& got);
};

}  // namespace backprove
