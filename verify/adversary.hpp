#pragma once

#include <string>
#include <vector>

#include "core/network.hpp"

namespace backprove {

/// What the checks of the mutation matrix found in one layer or loss as it is.
struct AdversaryFinding {
  std::string subject;  ///< name of the layer or loss
  int checks = 0;       ///< that were run
  int rejections = 0;
  std::string first;  ///< sentence about the first rejection
};

/// Tries every kind of layer in the network (those inside residuals too) and the loss on sizes that hide nothing (odd
/// widths, vector tails, equal sizes, several samples and chunks, saturated and zero inputs, poisoned and pre-filled
/// buffers), in the precision of the named scalar: float or double. Each kind is tried once a process.
std::vector<AdversaryFinding> try_adversary(const Network& network, std::string_view loss, std::string_view scalar);

}  // namespace backprove
