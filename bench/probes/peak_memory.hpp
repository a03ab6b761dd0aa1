#pragma once

#include <functional>

namespace backprove {

/// Bytes by which the resident memory of the process grows at most while `prepare` and then what it returns run: free
/// memory is given back first, the kernel's high-water mark is set back (5 into /proc/self/clear_refs) and read
/// (VmHWM). NaN where the kernel offers neither. Resolution: one page; what the process held before is not counted.
double peak_bytes(const std::function<std::function<void()>()>& prepare);

}  // namespace backprove
