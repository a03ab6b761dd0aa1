#pragma once

#include "verify/mutation/facts.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// What one check says about a host's reverse steps.
struct CheckResult {
  bool caught = false;
  std::string stage;  ///< that is blamed, "layer 2, tanh(7)"; empty if the check does not look so closely
  std::string hint, detail;
};

/// The name that the checks give a stage of the host's network, and the one under test.
std::string stage_name(const Host& host, Index stage);
std::string stage_name(const Host& host);

/// The checks that look at a whole reverse sweep, in the order of the mutation matrix.
template <class T>
class Checks {
 public:
  Checks(const HostFacts<T>& of, const ReverseSteps<T>& with);

  /// Every stage against the exact result from the same inputs.
  CheckResult stage() const;
  /// Pre-filled and poisoned buffers, a second call, inputs unchanged.
  CheckResult state() const;
  /// The same step on numbers that lie one off an aligned address within larger buffers: nothing beside them is read or
  /// written, and the results agree within twice their bounds (vector heads and tails may change the order of sums).
  CheckResult placement() const;
  /// The whole gradient against the enclosure, within the running error of reverse mode.
  CheckResult enclosure() const;
  /// The whole gradient against central differences and their error bar.
  CheckResult differences() const;
  /// <v, J u> against <J^T v, u> of the stage, J u by the layer's structured Jacobian, v what came from above.
  CheckResult duality() const;
  /// The same bits for one and for several threads; the highest stage that differs is named.
  CheckResult threads() const;

  /// All bits of the recorded sweep, to see whether a mutant changes anything.
  std::vector<T> bits() const;

 private:
  const HostFacts<T>& facts;
  const Host& host;
  const ReverseSteps<T>& steps;
  SweepRecord<T> record;
};

extern template class Checks<float>;
extern template class Checks<double>;

}  // namespace backprove
