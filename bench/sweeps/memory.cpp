#include "bench/named_sweep.hpp"
#include "verify/generated_network.hpp"

namespace backprove {

namespace {

constexpr Index depths[] = {4, 8, 16, 32, 64, 128}, snapshots[] = {2, 4, 8, 16};
constexpr Index width = 32, batch = 256, outputs = 10;
constexpr double most_multiplications = 1e9;

std::vector<SweepCase> cases(bool quick) {
  std::vector<SweepCase> all;
  for (const Index depth : sizes_of(depths, quick)) {
    const std::string network = generated_network(depth, width, width, outputs, "tanh");
    const auto add = [&](const std::vector<std::string>& strategies, Index kept) {
      all.push_back({network, batch, {"double"}, strategies, {1}, kept, most_multiplications});
    };
    add({"reverse_vjp", "jacobian_structured", "jacobian_literal", "jacobian_prefix", "reverse_checkpointed"}, 0);
    for (const Index kept : sizes_of(snapshots, quick)) add({"reverse_checkpointed"}, kept);
  }
  return all;
}

}  // namespace

const NamedSweep& sweep_memory() {
  static const NamedSweep sweep{"memory", "how the peak of the memory grows with depth, and shrinks with snapshots",
                                cases};
  return sweep;
}

}  // namespace backprove
