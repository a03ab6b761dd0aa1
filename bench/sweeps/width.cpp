#include "bench/named_sweep.hpp"

namespace backprove {

namespace {

/// Nearly geometric over 1.5 decades, in whole vectors of eight; a batch that kernels sweep in one piece at every
/// width.
constexpr Index widths[] = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256}, depth = 4, batch = 16;
const SweepCase common{"", 0, {"float", "double"}, compared_strategies(), {1}, 0, 4e9};

/// As many outputs as the width, and a fixed number of them: the Jacobians have as many rows.
std::vector<SweepCase> cases(bool quick) {
  std::vector<SweepCase> all;
  for (const Index outputs : {0, 10})
    for (SweepCase& one : tanh_cases({&depth, 1}, sizes_of(widths, quick), {&batch, 1}, outputs, common))
      all.push_back(std::move(one));
  return all;
}

}  // namespace

const NamedSweep& sweep_width() {
  static const NamedSweep sweep{"width", "how the cost of every strategy grows with the width of the layers", cases};
  return sweep;
}

}  // namespace backprove
