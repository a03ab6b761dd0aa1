#pragma once

#include <vector>

#include "core/kernels/primitives.hpp"
#include "core/network.hpp"

namespace backprove {

/// How a network and a batch are laid out for the fused sweep: an affine layer and the elementwise layer behind it are
/// one step; an elementwise layer that follows no affine one is a step of its own.
template <class T>
struct FusedStep {
  Index affine = -1, elementwise = -1;  ///< layers of the network, -1 if there is none
  Index n_in = 0, n_out = 0, offset = 0;
  const ArrayRule<T>* rule = nullptr;
  T *x = nullptr, *z = nullptr, *y = nullptr;  ///< what enters, what the rule is applied to (if it is kept), the output
  T* d = nullptr;                              ///< the rule's slopes, if they are kept

  bool has_affine() const { return affine >= 0; }
  Index first_layer() const { return has_affine() ? affine : elementwise; }
  Index last_layer() const { return elementwise >= 0 ? elementwise : affine; }
};

/// The panels of a batch: `count` of them, `vectors` vectors wide.
struct Panels {
  Index lanes = 1, vectors = 1, width = 1, count = 1;

  /// The fewest panels of at most `most` vectors, nearly equal; at least as many as `pieces` where vectors suffice.
  static Panels of(Index numbers, Index lanes, Index most, Index pieces = 1) {
    const Index all = (numbers + lanes - 1) / lanes;
    const Index wanted = std::max((all + most - 1) / most, std::min(pieces, all));
    Panels panels{lanes, (all + wanted - 1) / wanted, 0, 0};
    panels.width = panels.vectors * lanes;
    panels.count = (all + panels.vectors - 1) / panels.vectors;
    return panels;
  }
  Index padded() const { return width * count; }
};

/// The steps of a network that kernels can serve (beyond_kernels), the rules from `fast` where it has them.
template <class T>
std::vector<FusedStep<T>> fused_steps(const Network& network, const Primitives<T>& fast);

extern template std::vector<FusedStep<float>> fused_steps(const Network&, const Primitives<float>&);
extern template std::vector<FusedStep<double>> fused_steps(const Network&, const Primitives<double>&);

}  // namespace backprove
