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
/// Bytes that one can count on where the largest cache that holds data has `largest` and the second `second` (0:
/// unknown): at most 32 MiB, and that where no cache is known. A virtual machine is told of the whole cache of a
/// processor that others use as well, so that of more than 128 MiB four times the second cache counts: where 300 MiB
/// and 2 MiB were described, a gradient that was written past the caches took 0.71 to 0.87 of the time from 8 MiB of
/// weights and gradient on (widths 128 and 512), and what is read from more than 16 MiB came from memory.
double countable_cache_bytes(double largest, double second);
/// The same of this machine.
double usable_cache_bytes();

}  // namespace backprove
