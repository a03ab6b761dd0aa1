#include "bench/named_sweep.hpp"
#include "verify/generated_network.hpp"

namespace backprove {

namespace {

constexpr Index depths[] = {4, 16}, widths[] = {128, 256, 512}, batches[] = {256, 1024};
constexpr Index outputs = 10;
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

const NamedSweep& sweep_threads() {
  static const NamedSweep sweep{"threads", "what a second thread brings where there is work for it", cases};
  return sweep;
}

}  // namespace backprove
