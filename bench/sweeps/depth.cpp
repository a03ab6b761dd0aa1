#include "bench/named_sweep.hpp"
#include "verify/generated_network.hpp"

namespace backprove {

namespace {

/// Geometric over 1.5 decades, by the root of 2. The narrow networks are affordable for every strategy at every depth.
constexpr Index depths[] = {4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128}, widths[] = {8, 32};
constexpr Index batch = 4, outputs = 10;
constexpr double most_multiplications = 2e9;

std::vector<SweepCase> cases(bool quick) {
  std::vector<SweepCase> all;
  for (const Index width : sizes_of(widths, quick))
    for (const Index depth : sizes_of(depths, quick))
      all.push_back(
          {generated_network(depth, width, width, outputs, "tanh"),
           batch,
           {"float", "double"},
           {"reverse_vjp", "jacobian_structured", "jacobian_literal", "jacobian_prefix", "jacobian_forward_kronecker",
            "forward_mode", "forward_difference", "central_difference", "reverse_checkpointed"},
           {1},
           0,
           most_multiplications});
  return all;
}

}  // namespace

const NamedSweep& sweep_depth() {
  static const NamedSweep sweep{"depth", "how the cost of every strategy grows with the number of layers", cases};
  return sweep;
}

}  // namespace backprove
