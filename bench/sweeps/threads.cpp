#include "bench/named_sweep.hpp"

namespace backprove {

namespace {

constexpr Index depths[] = {4, 16}, widths[] = {128, 256, 512}, batches[] = {256, 1024};
const SweepCase common{"", 0, {"float", "double"}, {"reverse_vjp"}, {1, 2}, 0, 1e11};

std::vector<SweepCase> cases(bool quick) {
  return tanh_cases(sizes_of(depths, quick), sizes_of(widths, quick), sizes_of(batches, quick), 10, common);
}

}  // namespace

const NamedSweep& sweep_threads() {
  static const NamedSweep sweep{"threads", "what a second thread brings where there is work for it", cases};
  return sweep;
}

}  // namespace backprove
