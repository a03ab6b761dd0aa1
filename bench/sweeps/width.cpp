#include <algorithm>

#include "bench/named_sweep.hpp"

namespace backprove {

namespace {

/// Nearly geometric over 1.5 decades, in whole vectors of eight; a batch that kernels sweep in one piece at every
/// width.
constexpr Index widths[] = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256}, depth = 4, batch = 16;
/// Dense products take one sample after the other, and 540 MB of Jacobian each at a width and as many outputs of 256.
constexpr Index one_sample = 1;

void add(std::vector<SweepCase>& all, bool quick, Index outputs, const Index& samples,
         std::vector<std::string> strategies) {
  const SweepCase common{"", 0, {"float", "double"}, std::move(strategies), {1}, 0, 4e9};
  for (SweepCase& one : tanh_cases({&depth, 1}, sizes_of(widths, quick), {&samples, 1}, outputs, common))
    all.push_back(std::move(one));
}

/// As many outputs as the width, and a fixed number of them: the Jacobians have as many rows.
std::vector<SweepCase> cases(bool quick) {
  std::vector<std::string> dense{"jacobian_literal", "jacobian_prefix", "jacobian_forward_kronecker"};
  std::vector<std::string> others = compared_strategies();
  std::erase_if(others, [&](const std::string& name) { return std::ranges::find(dense, name) != dense.end(); });
  std::vector<SweepCase> all;
  add(all, quick, 10, batch, compared_strategies());
  add(all, quick, 0, batch, std::move(others));
  add(all, quick, 0, one_sample, std::move(dense));
  return all;
}

}  // namespace

const NamedSweep& sweep_width() {
  static const NamedSweep sweep{"width", "how the cost of every strategy grows with the width of the layers", cases};
  return sweep;
}

}  // namespace backprove
