#include "core/caches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace backprove {

namespace {

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<ProcessorCache> described() {
  std::vector<ProcessorCache> list;
  for (int i = 0;; ++i) {
    const std::filesystem::path folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}", i);
    std::error_code ignored;
    if (!std::filesystem::exists(folder, ignored)) return list;
    list.push_back({std::atoi(first_line(folder / "level").c_str()), first_line(folder / "type"),
                    first_line(folder / "size"), std::atoi(first_line(folder / "coherency_line_size").c_str())});
  }
}

}  // namespace

double ProcessorCache::bytes() const {
  char* end = nullptr;
  const double number = std::strtod(size.c_str(), &end);
  return number * (*end == 'K' ? 1024.0 : *end == 'M' ? 1024.0 * 1024 : 1);
}

const std::vector<ProcessorCache>& caches() {
  static const std::vector<ProcessorCache> list = described();
  return list;
}

double cache_bytes(int level) {
  for (const ProcessorCache& cache : caches())
    if (cache.level == level && cache.holds_data()) return cache.bytes();
  return 0;
}

double countable_cache_bytes(double largest, double second) {
  constexpr double mib = 1024.0 * 1024;
  if (largest > 128 * mib && second > 0) return std::min(4 * second, 32 * mib);
  return largest > 0 ? std::min(largest, 32 * mib) : 32 * mib;
}

double usable_cache_bytes() {
  static const double usable = [] {
    double largest = 0;
    for (const ProcessorCache& cache : caches())
      if (cache.holds_data()) largest = std::max(largest, cache.bytes());
    return countable_cache_bytes(largest, cache_bytes(2));
  }();
  return usable;
}

}  // namespace backprove
