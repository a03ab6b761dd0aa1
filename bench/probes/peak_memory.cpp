#include "bench/probes/peak_memory.hpp"

#include <malloc.h>

#include <fstream>
#include <limits>
#include <string>

namespace backprove {

namespace {

/// A line of /proc/self/status, "VmHWM:  1234 kB", in bytes; NaN if there is none.
double status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return 1024 * std::stod(line.substr(name.size() + 1));
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double peak_bytes(const std::function<std::function<void()>()>& prepare) {
  malloc_trim(0);
  const double before = status_bytes("VmRSS");
  std::ofstream clear("/proc/self/clear_refs");
  clear << "5" << std::flush;
  if (!clear) return std::numeric_limits<double>::quiet_NaN();
  {
    const std::function<void()> call = prepare();
    call();
  }
  return status_bytes("VmHWM") - before;
}

}  // namespace backprove
