#include "bench/named_sweep.hpp"
#include "verify/generated_network.hpp"

namespace backprove {

namespace {

/// Nearly geometric over 1.5 decades, in whole vectors of eight.
constexpr Index widths[] = {8, 16, 24, 32, 48, 64, 96, 128, 192, 256};
constexpr Index depth = 4, batch = 32, outputs = 10;
constexpr double most_multiplications = 1e9;

/// As many outputs as the width, and a fixed number of them: the Jacobians have as many rows.
std::vector<SweepCase> cases(bool quick) {
  std::vector<SweepCase> all;
  for (const bool square : {true, false})
    for (const Index width : sizes_of(widths, quick))
      all.push_back(
          {generated_network(depth, width, width, square ? width : outputs, "tanh"),
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

const NamedSweep& sweep_width() {
  static const NamedSweep sweep{"width", "how the cost of every strategy grows with the width of the layers", cases};
  return sweep;
}

}  // namespace backprove
