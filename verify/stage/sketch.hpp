#pragma once

#include "verify/stage/judgement.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// The stage-local check by random directions, for networks whose entries are too many to be enclosed one by one.
struct SketchJudgement {
  std::string stage, tensor;
  bool failed = false;
  bool vacuous = false;   ///< not failed, and all entries are zero
  double over_bound = 0;  ///< the worst direction's difference over its bound
  /// An error of one entry of more than this, relative to the tensor's largest entry, is seen by every direction.
  double smallest_detectable = 0;
  Index entry = 0;            ///< after a failure: where bisection ended
  double got = 0, exact = 0;  ///< there
};

struct SketchOptions {
  int directions = 4;
  std::uint64_t seed = 1;
};

/// Hoeffding: a sum of independent signed errors within bounds B exceeds lambda ||B||_2 with a probability of at most
/// 2 exp(-lambda^2/2), 1e-9 for this.
inline constexpr double sketch_lambda = 6.55;

/// Probability that no direction sees an error whose entries have Euclidean norm 4 lambda ||B||_2: each sees at least
/// half of the norm with probability 3/16 (Paley and Zygmund 1932), in independent directions.
double sketch_miss_probability(int directions);

/// For every tensor of every stage: <r, computed> against <y_bar, J r> for random signs r, where J r is a directional
/// derivative of the layer's value by dual numbers (of doubles for float, else of long doubles), of an affine layer by
/// signed sums in two parts of doubles. The bound is
/// sketch_lambda times the Euclidean norm of the entries' running errors. Costs about one and a half forward sweeps a
/// direction and tensor.
template <class T>
std::vector<SketchJudgement> sketch_stages(const Problem<T>& problem, const SweepRecord<T>& record, bool input_gradient,
                                           const SketchOptions& options);

extern template std::vector<SketchJudgement> sketch_stages(const Problem<float>&, const SweepRecord<float>&, bool,
                                                           const SketchOptions&);
extern template std::vector<SketchJudgement> sketch_stages(const Problem<double>&, const SweepRecord<double>&, bool,
                                                           const SketchOptions&);

std::string sentence(const SketchJudgement& judgement);

}  // namespace backprove
