#pragma once

#include "verify/check/monte_carlo.hpp"
#include "verify/stage/judgement.hpp"

namespace backprove {

/// A gradient that somebody else computed, and what it is the gradient of.
struct ForeignGradient {
  Vector<double> parameters;  ///< P, in the network's parameter order
  Matrix<double> input;       ///< n_0 x B, or empty if not given
};

/// One tensor of a gradient from elsewhere.
struct BlockVerdict {
  std::string name;  ///< "layer 1, affine(64,32), weight"
  Finding finding = Finding::pass;
  std::string reason;         ///< for inconclusive: "resolution", "kink", "domain"
  Index row = 0, column = 0;  ///< the worst entry, error over bar
  double got = 0, exact = 0, error_over_bar = 0;
  double ulps = 0;        ///< largest error, in ulp of the block's largest entry
  double resolution = 0;  ///< the larger of bar and undecided kinks, over the block's largest entry
  Index rows = 0, columns = 0;
  /// Rows and columns whose own largest entry is not resolved to what was asked: a smaller error there may go unseen.
  Index coarse_rows = 0, coarse_columns = 0;
  bool certified = false;  ///< a failure beyond the running error bound too, not only beyond the statistical bar
  double certified_resolution = 0;
  std::string hint;

  Index entries() const { return rows * columns; }
};

struct ForeignVerdict {
  std::vector<BlockVerdict> blocks;
  double quantile = 0, false_alarms = 0;
  int runs = 0;
  Index undecided_units = 0;  ///< inputs of kinked layers that the scalar cannot tell from 0

  /// 0 right, 1 wrong, 3 inconclusive or nothing but zeros.
  int exit_status() const;
};

/// Compares with an enclosure of the exact gradient. The bar of an entry is the smaller of a certified one (four times
/// the running error of reverse mode with 4 ulp functions, for programs with other correct formulas) and a statistical
/// one (monte_carlo.hpp). `resolution`: what a block must resolve, relative to its largest entry. `done` is called
/// monte_carlo_runs + 1 times, from any thread.
ForeignVerdict judge_foreign(const Problem<double>& problem, const ForeignGradient& gradient,
                             const ForeignArithmetic& arithmetic, double resolution, int threads,
                             const std::function<void()>& done);

}  // namespace backprove
