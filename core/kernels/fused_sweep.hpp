#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/kernels/kernel.hpp"
#include "core/kernels/sweep_by.hpp"
#include "core/strategy.hpp"

namespace backprove {

/// Everything that passed between the layers in one reverse sweep, for the whole batch.
template <class T>
struct SweepTrace {
  std::vector<Matrix<T>> entered;    ///< what entered layer l (width(l) x B); the last is the output
  std::vector<Matrix<T>> cotangent;  ///< by what entered layer l; empty where nobody needs it
};

/// Reverse mode by a kernel: the formulas of `affine` and the elementwise layers, tile by tile, so that an activation
/// is applied to numbers that are still in the first cache. Activations are kept with the samples side by side
/// (a feature's numbers for 8 to 64 samples are neighbours), and every number is computed by the same operations in
/// the same order whatever the threads and the tiles: all thread counts give the same bits. A team's threads share out
/// a layer's features, or the panels of samples, or (Pieces) the samples themselves.
template <class T>
class FusedSweep {
 public:
  virtual ~FusedSweep() = default;
  /// The loss and its gradient. Allocates nothing.
  virtual void gradient(Gradient<T>& gradient) = 0;
  /// The loss alone, with the same bits.
  virtual T loss() = 0;
  /// The same bits once more, with everything that passed between the layers.
  virtual void trace(Gradient<T>& gradient, SweepTrace<T>& trace) = 0;
  /// What the first member of a team does, without the others: all of it on one thread. To be timed; the numbers are
  /// wrong where others would have their part in them.
  virtual void first_member(Gradient<T>& gradient) = 0;
};

/// nullptr if no kernel is asked for, or if it cannot serve the network (beyond_kernels).
template <class T>
std::shared_ptr<FusedSweep<T>> fused_sweep(const Problem<T>& problem, const Options& options,
                                           SweepBy by = SweepBy::reverse_rules);

extern template std::shared_ptr<FusedSweep<float>> fused_sweep(const Problem<float>&, const Options&, SweepBy);
extern template std::shared_ptr<FusedSweep<double>> fused_sweep(const Problem<double>&, const Options&, SweepBy);

/// What a fused sweep holds, in numbers of its scalar.
struct FusedMemory {
  double kept;  ///< by the forward sweep for the reverse one, of all samples that are swept at once, without pads: the
                ///< outputs of the steps, and what the slopes are read from beside them
  double all;   ///< with pads, the inputs, cotangents, losses, and as many numbers as a parameter gradient where two
               ///< pieces are swept at once
  double scattered;  ///< more where the loss is another than softmax cross-entropy: outputs and their cotangents,
                     ///< sample by sample
};
FusedMemory fused_memory(const Kernel& kernel, const Network& network, Index batch, std::string_view scalar,
                         int threads);

/// What the threads of one gradient by reverse rules need of each other.
struct FusedTeam {
  int members = 1;      ///< threads that run, of those that are allowed
  double meetings = 0;  ///< at which all wait for each other
  double handed = 0;    ///< numbers that a member reads after another has written them
  bool apart = false;   ///< each of two sweeps its own half of the samples
};
FusedTeam fused_team(const Kernel& kernel, const Network& network, Index batch, std::string_view scalar, int threads);

/// Scalars for which there are kernels.
template <class T>
inline constexpr bool has_kernels = std::is_same_v<T, float> || std::is_same_v<T, double>;

}  // namespace backprove
