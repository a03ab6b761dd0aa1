#pragma once

#include <string>
#include <vector>

namespace backprove {

/// One cache of the first processor, as the system describes it; what it does not say is 0 or empty.
struct ProcessorCache {
  int level = 0;
  std::string type;  ///< "Data", "Instruction" or "Unified"
  std::string size;  ///< as written, e.g. "32768K"
  int line_bytes = 0;

  double bytes() const;
  bool holds_data() const { return type != "Instruction"; }
};

/// All caches, by their description in /sys, which is of one instance: what the C library derives from the processor
/// itself may be of all instances together.
const std::vector<ProcessorCache>& caches();

/// Bytes of the data cache of this level, 0 where the system describes none.
double cache_bytes(int level);
/// Bytes of the largest of them that hold data, at most 32 MiB, and that where the system describes none. A virtual
/// machine is told of the whole cache of a processor that others use as well: where 300 MiB were described, what is
/// read from more than 16 MiB came from memory.
double usable_cache_bytes();

}  // namespace backprove
