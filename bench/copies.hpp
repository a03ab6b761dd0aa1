#pragma once

#include <limits>

#include "core/types.hpp"

namespace backprove {

/// Bytes of memory that the machine has.
double installed_memory();

/// On how many copies of its memory something is sampled that needs so many bytes: up to 16, as many as half a GB
/// holds, or a 32nd of the memory, or `most` bytes. Where memory lies is worth 1 to 2 % of a short gradient's time (the
/// processor's caches are indexed by addresses) and 5 % of one that fills the largest cache, which a median over copies
/// takes out.
Index copies_of(double bytes_each, double most = std::numeric_limits<double>::infinity());

}  // namespace backprove
