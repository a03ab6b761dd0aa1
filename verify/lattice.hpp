#pragma once

#include <string>
#include <vector>

#include "core/engine.hpp"

namespace backprove {

/// How one strategy did on whole numbers, with 1, 2 and 3 threads.
struct LatticeFinding {
  std::string_view strategy;
  Index entries = 0;
  Index mismatched = 0;  ///< entries that are not the exact ones, all thread counts together
  bool same_bits = true;
  std::string skipped;  ///< or why there was nothing to try
};

/// A network of the same shapes that takes whole numbers to whole numbers: its affine layers, relu in place of every
/// activation and norm.
std::string lattice_network(const Network& network);

/// Runs every strategy that rounds nothing but its arithmetic (no quotients of differences) on that network with
/// parameters and inputs of -1, 0 and 1, squared_error and the sum over 40 samples, so that every partial sum is a
/// whole number that the engine's scalar holds: the gradient must then be exact, for every order of summation and
/// number of threads. Strategies that are predicted to need more than `most_multiplications` are left out, and say so.
std::vector<LatticeFinding> try_lattice(const Network& network, const Engine& engine, double most_multiplications);

}  // namespace backprove
