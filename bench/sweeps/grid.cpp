#include "bench/named_sweep.hpp"

namespace backprove {

namespace {

constexpr Index depths[] = {2, 8, 32, 128}, widths[] = {8, 32, 128, 512}, batches[] = {1, 32, 256};
/// With the largest cell, with room.
const SweepCase common{"", 0, {"float", "double"}, {"reverse_vjp"}, {1, 2}, 0, 1e11};

std::vector<SweepCase> cases(bool quick) {
  return tanh_cases(sizes_of(depths, quick), sizes_of(widths, quick), sizes_of(batches, quick), 10, common);
}

}  // namespace

const NamedSweep& sweep_grid() {
  static const NamedSweep sweep{"grid", "reverse mode at every size: depth x width x batch x scalar x threads", cases};
  return sweep;
}

}  // namespace backprove
