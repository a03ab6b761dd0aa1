#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/caches.hpp"
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

  bool has_affine() const { return affine >= 0; }
  /// Whether every member of a team takes the columns for one sample's cotangents that it took forward, so that weights
  /// stay in one core: it needs its own numbers of the cotangent above, and has its part of the one below.
  bool by_parts(Index batch, int members, Index lanes) const {
    return batch == 1 && (members == 2 || members == column_chains) && has_affine() &&
           ColumnChain::neighbours(n_out, lanes);
  }
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

/// Multiplications of a sweep below which a second thread costs more than it brings: a team takes more than a
/// microsecond to start.
inline constexpr double least_for_two = 2e5;
/// The same for one layer, where its threads meet behind every layer.
inline constexpr double least_between_meetings = 2e4;

/// How a batch is cut for the sums over its samples: one piece, or two that are summed apart and then added, so that
/// two halves of a team need nothing of each other until the end. It depends on sizes alone, so that the bits do not
/// depend on the threads. Two pieces pay where a layer's parameters are fewer than what its samples hand from core to
/// core; one thread sweeps both at once if no layer has more than `few` features to enter, and one after the other if
/// some have.
struct Pieces {
  Index samples = 0, count = 1;  ///< samples of the first piece
  bool narrow = false;           ///< can be swept at once, with their sums apart

  static Pieces of(Index batch, const Network& network, Index lanes, Index few = 0) {
    Pieces pieces{batch, 1};
    pieces.narrow = true;
    for (Index l = 0; l < network.size(); ++l)
      if (network.parameters(l) > 0 && network.width(l) > few) pieces.narrow = false;
    if (batch < 2 * lanes || batch < network.max_width() || sweep_multiplications(network, batch) < least_for_two)
      return pieces;
    pieces.samples = ((batch + 1) / 2 + lanes - 1) / lanes * lanes;
    pieces.count = 2;
    return pieces;
  }
  /// Threads that there is work for.
  int threads(const Network& network, Index batch, int most) const {
    const double work = sweep_multiplications(network, batch);
    const auto layers = static_cast<double>(std::max<Index>(1, network.depth()));
    if (count == 1 && work / layers < least_between_meetings) return 1;
    return static_cast<int>(std::clamp(std::ceil(work / least_for_two), 1.0, static_cast<double>(most)));
  }
  static double sweep_multiplications(const Network& network, Index batch) {
    return 3 * network.multiplications() * static_cast<double>(batch);
  }
};

/// Whether no cache holds so many bytes of weights and as many of their gradient: one sample's weights are then fetched
/// ahead, and its gradient is written past the caches.
inline bool beyond_caches(double bytes_of_weights) { return 2 * bytes_of_weights > usable_cache_bytes(); }

/// The panels of `samples` that a team of `threads` sweeps at once. Where there would be fewer of them than members,
/// who then share out a layer's features and meet behind every layer forward, there is one a member, if a core's own
/// cache holds what it then reads and writes: all weights, and its part of their gradient.
template <class T>
Panels panels_of(const Network& network, const Primitives<T>& fast, Index samples, Index members) {
  const double part = 1 + 1 / static_cast<double>(members);
  const bool near = part * sizeof(T) * static_cast<double>(network.parameters()) <= cache_bytes(2);
  return Panels::of(samples, fast.lanes, fast.most_vectors, near ? members : 1);
}

/// The steps of a network that kernels can serve (beyond_kernels), the rules from `fast` where it has them.
template <class T>
std::vector<FusedStep<T>> fused_steps(const Network& network, const Primitives<T>& fast);

extern template std::vector<FusedStep<float>> fused_steps(const Network&, const Primitives<float>&);
extern template std::vector<FusedStep<double>> fused_steps(const Network&, const Primitives<double>&);

}  // namespace backprove
