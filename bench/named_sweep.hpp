#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// One network and batch of a sweep: a block for each scalar, by each of the strategies on each number of threads.
struct SweepCase {
  std::string network;
  Index batch = 32;
  std::vector<std::string> scalars, strategies;
  std::vector<int> threads = {1};
  Index snapshots = 0;           ///< of reverse_checkpointed; 0 chooses
  double multiplications = 1e9;  ///< of one gradient; a cell with more is a row that says so
};

/// A set of cells that answers one question. One file of bench/sweeps is one sweep; the list is generated from the
/// folder.
struct NamedSweep {
  std::string_view name, description;
  /// All cases; `quick` leaves out the larger sizes.
  std::vector<SweepCase> (*cases)(bool quick);
};

const std::vector<NamedSweep>& named_sweeps();
/// Throws std::invalid_argument with the known names.
const NamedSweep& sweep_named(std::string_view name);

/// All sizes; if `quick`, the first half of them.
std::span<const Index> sizes_of(std::span<const Index> all, bool quick);

/// The same case with every network of affine layers and tanh of these sizes, with every batch: `outputs` of the
/// network, or as many as it is wide where that is 0.
std::vector<SweepCase> tanh_cases(std::span<const Index> depths, std::span<const Index> widths,
                                  std::span<const Index> batches, Index outputs, const SweepCase& common);

/// Strategies whose cost is compared as networks grow.
const std::vector<std::string>& compared_strategies();

}  // namespace backprove
