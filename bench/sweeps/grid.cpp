#include "bench/named_sweep.hpp"
#include "verify/generated_network.hpp"

namespace backprove {

namespace {

constexpr Index depths[] = {2, 8, 32, 128}, widths[] = {8, 32, 128, 512}, batches[] = {1, 32, 256};
constexpr Index outputs = 10;
/// Of the largest cell, with room.
constexpr double most_multiplications = 1e11;

std::vector<SweepCase> cases(bool quick) {
  std::vector<SweepCase> all;
  for (const Index depth : sizes_of(depths, quick))
    for (const Index width : sizes_of(widths, quick))
      for (const Index batch : sizes_of(batches, quick))
        all.push_back({generated_network(depth, width, width, outputs, "tanh"),
                       batch,
                       {"float", "double"},
                       {"reverse_vjp"},
                       {1, 2},
                       0,
                       most_multiplications});
  return all;
}

}  // namespace

const NamedSweep& sweep_grid() {
  static const NamedSweep sweep{"grid", "reverse mode at every size: depth x width x batch x scalar x threads", cases};
  return sweep;
}

}  // namespace backprove
