#pragma once

#include <functional>

#include "core/certified.hpp"
#include "verify/layer_tree.hpp"

namespace backprove {

/// The arithmetic that a gradient from elsewhere was computed in, whatever the program.
struct ForeignArithmetic {
  std::string_view name;
  double unit_roundoff, smallest_subnormal, largest;
};
/// float, double or bfloat16; throws std::invalid_argument with the known names.
const ForeignArithmetic& foreign_arithmetic(std::string_view name);

/// Elementary functions of the other program may err by this much.
inline constexpr double foreign_ulp = 4;

/// What Monte Carlo arithmetic (noisy.hpp) says about one gradient.
struct Spread {
  /// How far a correct program's entry may be off, with the given probability of a false alarm over all entries, under
  /// the model of noisy.hpp: Student's quantile times the root mean square deviation from the exact gradient, which is
  /// taken as at least a tenth of what its row and its column of the block have: row_i column_j / block, each a root
  /// mean square. Rows and columns of other scales, as of inputs in other units, keep their own bars.
  Vector<double> allowed;
  double quantile = 0;
  int runs = 0;
  /// For every layer with a kink at 0, the inputs that such a program may see on the other side (n_in x B); empty for
  /// other layers.
  std::vector<LayerTree<Matrix<signed char>>> undecided;
};

inline constexpr int monte_carlo_runs = 64;

/// Consecutive entries of the flat gradient that are a matrix, by columns.
struct BlockShape {
  Index rows, columns;
};

/// `blocks` cover the gradient. Runs in double for float and bfloat16, in long double
/// for double. `done` is called after every run, from any thread.
Spread monte_carlo(const Problem<double>& problem, const Gradient<Interval>& exact, const ForeignArithmetic& arithmetic,
                   const std::vector<BlockShape>& blocks, bool input_gradient, double false_alarms, int threads,
                   const std::function<void()>& done);

}  // namespace backprove
