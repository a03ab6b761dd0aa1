#pragma once

#include "core/engine.hpp"
#include "verify/limits.hpp"
#include "verify/problem.hpp"

/// How far a correct result may lie from the exact one. Every bound is derived from the arithmetic that ran; none is a
/// literal.
namespace backprove {

struct Tolerance {
  Vector<double> bound;           ///< absolute, for every entry of the flat gradient
  Vector<signed char> irregular;  ///< differences: 1 where the truncation cannot be estimated; else empty
  Vector<signed char> certified;  ///< differences: 1 where the truncation is bounded, not estimated; else empty
  std::string derivation;         ///< where it comes from, for people
  std::string missing;            ///< or why there is none
};

/// The rounding bound of a strategy's own operations in the scalar's arithmetic, from running it with RunningError; for
/// differences the truncation, certified where that is affordable and else estimated, plus the rounding of the losses
/// over the step; for scalars that carry their own bound (intervals), that; for the certified strategies one rounding
/// to the scalar.
Tolerance tolerance_of(const StrategyInfo& strategy, const Engine& engine, const SpecifiedProblem& problem,
                       const Options& options, const Outcome& outcome, const Limits& limits);

}  // namespace backprove
