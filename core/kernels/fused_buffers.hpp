#pragma once

#include <vector>

#include "core/kernels/arena.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_team.hpp"

namespace backprove {

/// What all threads of a fused sweep read: the problem, its steps and how its samples are laid out.
template <class T>
struct FusedPlan {
  const Problem<T> problem;
  const Options options;
  const SweepBy by;
  const Primitives<T>& fast;
  const std::vector<FusedStep<T>> steps;
  const Index batch;
  const bool far;  ///< one sample, and no cache holds the weights and their gradient
  const Pieces pieces;
  const int threads;    ///< of those that are allowed
  const Index sweeps;   ///< the pieces are swept in so many
  const Index passing;  ///< steps whose cotangents, and what enters them, are there at a time
  Panels panels;        ///< of what is swept at once
  Index lowest = 0;
  Index split = 0;  ///< offset of a layer's parameters: about half of all are below
  bool softmax = false;
  std::vector<int> classes;  ///< of every sample, for softmax cross-entropy; some zeros behind them

  FusedPlan(const Problem<T>& of, const Options& with, SweepBy formulas)
      : problem(of),
        options(with),
        by(formulas),
        fast(with.kernel->primitives<T>()),
        steps(fused_steps<T>(of.network, fast)),
        batch(of.batch()),
        far(batch == 1 && beyond_caches(sizeof(T) * static_cast<double>(of.network.parameters()))),
        pieces(Pieces::of(batch, of.network, fast.lanes, fast.few)),
        threads(threads_worth(of.network, fast, batch, pieces, with.threads)),
        sweeps(threads == 1 && pieces.narrow ? 1 : pieces.count),
        passing(passing_of(batch, threads, sweeps)),
        softmax(of.loss.name() == "softmax_cross_entropy"),
        classes(static_cast<std::size_t>(batch + 64)) {
    if (batch > 1) panels = panels_of(of.network, fast, most_samples(), std::max<Index>(1, threads / sweeps));
    if (!with.input_gradient)
      while (lowest < size() && !step(lowest).has_affine()) ++lowest;
    const Index all = of.network.parameters();
    for (const FusedStep<T>& s : steps)
      if (std::abs(all - 2 * s.offset) < std::abs(all - 2 * split)) split = s.offset;
    for (Index s = 0; softmax && s < batch; ++s)
      classes[static_cast<std::size_t>(s)] = static_cast<int>(class_index(problem.y.data() + s));
  }

  Index size() const { return static_cast<Index>(steps.size()); }
  Index last() const { return size() - 1; }
  const FusedStep<T>& step(Index l) const { return steps[static_cast<std::size_t>(l)]; }
  Index numbers(Index n) const { return n * panels.padded(); }
  /// Of the first sweep; the second has as many or fewer.
  Index most_samples() const { return sweeps == 1 ? batch : pieces.samples; }
  /// Where `members` share a sweep, they write the cotangent of the next step while others still read that of the one
  /// above.
  static Index passing_of(Index samples, Index members, Index swept) { return samples > 1 && members > swept ? 3 : 2; }
  /// Where the cotangent of step l is; -1 is the input.
  Index place(Index l) const { return passing == 2 ? (l + 2) % 2 : (l + 3) % 3; }
  /// One sample's cotangents are sums over columns; a team of 2 or 4 has one part of each sum a member.
  Index most_parts() const { return batch == 1 && threads > 1 ? std::min(threads, column_chains) : 0; }
  Index part_room() const { return (problem.network.max_width() / fast.lanes + 2) * fast.lanes; }
  /// Whether a step's parameter gradient is summed with the samples side by side.
  bool lanes_are_samples(const FusedStep<T>& s) const { return s.n_in <= fast.few; }
  /// How the features that enter a step are cut for its parameter gradient.
  Panels cut(const FusedStep<T>& s) const { return Panels::of(s.n_in, fast.lanes, fast.most_vectors); }
};

/// What one piece of the samples needs while it is swept.
template <class T>
struct FusedBuffers {
  /// Of one step: what enters, what the rule is applied to (if it is kept), the output.
  struct Kept {
    T *x = nullptr, *z = nullptr, *y = nullptr;
  };
  std::vector<Kept> kept;
  T *cotangents[3] = {}, *features[3] = {}, *losses = nullptr;  ///< plan.passing of each
  T* parts[2] = {};                                             ///< of the cotangents, a member's behind another's
  T *scattered_z = nullptr, *scattered_g = nullptr;
  T total = T(0);

  explicit FusedBuffers(const FusedPlan<T>& plan) : kept(plan.steps.size()) {
    lay_out(plan);
    arena.allocate();
    lay_out(plan);
  }
  const Kept& step(Index l) const { return kept[static_cast<std::size_t>(l)]; }

 private:
  Arena<T> arena;

  void lay_out(const FusedPlan<T>& plan) {
    T* below = arena.take(plan.numbers(plan.problem.network.inputs()));
    for (std::size_t l = 0; l < kept.size(); ++l) {
      const FusedStep<T>& s = plan.steps[l];
      Kept& k = kept[l];
      k.x = below;
      const bool apart = s.rule && s.has_affine() && s.rule->reads_x;
      k.z = apart ? arena.take(plan.numbers(s.n_out)) : s.has_affine() ? nullptr : k.x;
      below = k.y = arena.take(plan.numbers(s.n_out));
    }
    const Index most = plan.problem.network.max_width() + plan.fast.lanes * plan.fast.most_vectors;
    for (Index k = 0; k < plan.passing; ++k) {
      cotangents[k] = arena.take(plan.numbers(most));
      if (plan.batch > 1) features[k] = arena.take(plan.numbers(most));
    }
    for (T*& one : parts) one = arena.take(plan.most_parts() * plan.part_room());
    losses = arena.take(plan.panels.padded());
    if (plan.softmax) return;
    for (T** one : {&scattered_z, &scattered_g})
      *one = arena.take(plan.problem.network.outputs() * plan.most_samples());
  }
};

}  // namespace backprove
