#pragma once

#include <vector>

#include "core/strategy.hpp"

/// How gradients vanish or explode on their way down, and what the layers' Jacobians predict.
namespace backprove {

/// Norms of the cotangent of what enters a layer, as geometric means over the samples.
struct CotangentNorm {
  double measured = 0;
  /// ||g_L|| prod ||J_k||_F / sqrt(n_k) over the layers above, J_k of shape n_k x n_{k-1}: what a vector in a random
  /// direction would have, E ||J^T v||^2 = ||J||_F^2 ||v||^2 / n.
  double by_frobenius = 0;
  /// ||g_L|| prod ||J_k||_2 over the layers above: the most that it could be.
  double by_singular_values = 0;
};

/// For what enters every layer, and last for the network's output, whose three norms are equal.
std::vector<CotangentNorm> cotangent_norms(const Problem<double>& problem);

}  // namespace backprove
