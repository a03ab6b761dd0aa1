#include "bench/named_sweep.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/io/printable.hpp"
#include "generated/sweeps.hpp"

namespace backprove {

const std::vector<NamedSweep>& named_sweeps() {
  static const std::vector<NamedSweep> all = [] {
    std::vector<NamedSweep> list;
    for_each_sweep([&](const NamedSweep& sweep) { list.push_back(sweep); });
    return list;
  }();
  return all;
}

const NamedSweep& sweep_named(std::string_view name) {
  std::string known;
  for (const NamedSweep& sweep : named_sweeps()) {
    if (sweep.name == name) return sweep;
    known += fmt::format(" {}", sweep.name);
  }
  throw std::invalid_argument(fmt::format("unknown sweep '{}'; known are:{}", printable(name), known));
}

std::span<const Index> sizes_of(std::span<const Index> all, bool quick) {
  return quick ? all.first((all.size() + 1) / 2) : all;
}

}  // namespace backprove
