#pragma once

#include <functional>

namespace backprove {

/// The largest number of bytes that were allocated at once while `call` ran, beyond what was before, on all threads:
/// what malloc and its relatives handed out, with what they add to round it up. NaN where the program's allocations
/// cannot be seen: with sanitizers, and with another C library than glibc.
double heap_peak_bytes(const std::function<void()>& call);

}  // namespace backprove
