#pragma once

#include <vector>

#include "core/types.hpp"

/// The order in which a chain of Jacobians F_0 F_1 ... F_k (from the output side) is multiplied, by dynamic
/// programming: the dense recurrence C(j,i) = min_k C(j,k) + C(k-1,i) + m_j n_k n_i (Griewank & Naumann 2003),
/// generalised to factors that can also be applied without being written out (Naumann 2020).
namespace backprove {

/// One factor: its shape, what one product of it with a vector from either side costs (infinity: only as a dense
/// matrix), and what writing it out as a dense matrix costs. Costs are multiplications.
struct ChainFactor {
  double rows, cols;
  double apply;
  double write_out;

  /// A matrix that is there: writing it out is free, and it is multiplied entry by entry.
  static ChainFactor matrix(double rows, double cols);
  /// A program with `edges` local derivatives: tangent or adjoint costs `edges` a vector, writing out the cheaper mode.
  static ChainFactor program(double rows, double cols, double edges);
};

/// How the product of the factors [i, j] is formed.
struct Bracket {
  enum class Kind {
    factor,        ///< i = j: the factor, written out
    split,         ///< [i, at] times [at + 1, j], both dense
    push_forward,  ///< [at + 1, j] dense, then the factors at, ..., i applied from the left, one after the other
    pull_back      ///< [i, at] dense, then the factors at + 1, ..., j applied from the right
  };
  Kind kind = Kind::factor;
  Index at = 0;
  double cost = 0;
};

/// The table of optimal brackets of a chain that grows at its input side.
class Bracketing {
 public:
  /// Optimal brackets of [i, j] for i = 0..j when `factor` is appended to the first j factors.
  std::vector<Bracket> column(Index j, const ChainFactor& factor) const;
  /// Appends a factor for good.
  void append(const ChainFactor& factor);

  Index size() const { return static_cast<Index>(factors.size()); }
  const Bracket& bracket(Index i, Index j) const { return columns[index(j)][index(i)]; }
  /// The least cost of the whole chain.
  double cost() const { return bracket(0, size() - 1).cost; }

 private:
  std::vector<ChainFactor> factors;
  std::vector<std::vector<Bracket>> columns;

  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }
};

/// The dearest order of dense products, for comparison.
double worst_dense_bracketing(const std::vector<ChainFactor>& factors);

}  // namespace backprove
