#pragma once

#include "verify/measure.hpp"

/// A second look at difference quotients whose error exceeds the estimate of their truncation. Features of the loss
/// that are narrower than the step escape every estimate from a few quotients, so an excess alone proves nothing.
namespace backprove {

struct SecondLook {
  Index widened = 0;      ///< entries whose truncation was found to be larger than estimated
  double at_most = 1;     ///< how many times
  std::string not_taken;  ///< or why nothing could be found out
};

/// Runs the strategy twice in high precision: with the steps it chooses there it must give the reference, within its
/// own bound; if it does, the same steps as in the working scalar show the truncation as it is, twice which (the
/// working scalar moves by rounded steps) replaces an estimate that is too small. Entries that fail the first run keep
/// their bound.
SecondLook look_again(const StrategyInfo& strategy, const Engine& engine, const SpecifiedProblem& problem,
                      const Options& options, const Outcome& outcome, const Limits& limits, Certificate& certificate,
                      Tolerance& tolerance);

}  // namespace backprove
