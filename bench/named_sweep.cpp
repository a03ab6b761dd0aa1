#include "bench/named_sweep.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/io/printable.hpp"
#include "generated/sweeps.hpp"
#include "verify/generated_network.hpp"

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

std::vector<SweepCase> tanh_cases(std::span<const Index> depths, std::span<const Index> widths,
                                  std::span<const Index> batches, Index outputs, const SweepCase& common) {
  std::vector<SweepCase> all;
  for (const Index depth : depths)
    for (const Index width : widths)
      for (const Index batch : batches) {
        all.push_back(common);
        all.back().network = generated_network(depth, width, width, outputs > 0 ? outputs : width, "tanh");
        all.back().batch = batch;
      }
  return all;
}

const std::vector<std::string>& compared_strategies() {
  static const std::vector<std::string> all{"reverse_vjp",        "jacobian_structured",        "jacobian_literal",
                                            "jacobian_prefix",    "jacobian_forward_kronecker", "forward_mode",
                                            "forward_difference", "central_difference",         "reverse_checkpointed"};
  return all;
}

}  // namespace backprove
