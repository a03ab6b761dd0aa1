#include "bench/named_sweep.hpp"

namespace backprove {

namespace {

/// Geometric over 1.5 decades, by the root of 2. The narrow networks are affordable for every strategy at every depth.
constexpr Index depths[] = {4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128}, widths[] = {8, 32}, batch = 4;
const SweepCase common{"", 0, {"float", "double"}, compared_strategies(), {1}, 0, 4e9};

std::vector<SweepCase> cases(bool quick) {
  return tanh_cases(sizes_of(depths, quick), sizes_of(widths, quick), {&batch, 1}, 10, common);
}

}  // namespace

const NamedSweep& sweep_depth() {
  static const NamedSweep sweep{"depth", "how the cost of every strategy grows with the number of layers", cases};
  return sweep;
}

}  // namespace backprove
