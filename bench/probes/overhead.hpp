#pragma once

#include <string>

#include "bench/copies.hpp"
#include "bench/probes/limit.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// What a gradient by the fused sweep has to do beside the work of LimitTime, in seconds, each part measured by itself
/// in this process; what a team's meetings take is sampled with the gradient (PreparedCells). They overlap in part, so
/// that their sum can pass what is missing.
struct OverheadTime {
  double serial = 0;  ///< work that one thread does alone where the cell has more: a team would cost more
  double memory = 0;  ///< several samples: weights read twice, gradient written, activations written and read; of a
                      ///< team what that takes beyond `member` and `contention`; one sample on one thread: the same one
                      ///< after the other, beyond the limit, which reads and writes at the same time; where the second
                      ///< cache holds them, steps with weights of their own beyond the same steps with one's
  double latency = 0;     ///< one sample on one thread: waiting for the step before, beyond the same work on its own
  double vectors = 0;     ///< one sample on one thread: that same work, each step on its own, beyond the limit
  double member = 0;      ///< of a team: one member's part by itself, without the others, beyond the limit
  double contention = 0;  ///< of a team: what that part takes longer while as many threads as the team has each do one
                          ///< on numbers of their own: cores share caches, memory and power
  double products = 0;    ///< several samples on one thread: the products by the fused kernel, beyond the fastest's
  double sums = 0;        ///< and with them: activations turned for the parameter gradient, sums for the biases
  double call = 0;        ///< one sample on one thread: what a call costs with hardly any work
  std::string note;       ///< the measured quantities behind them
};

/// Measures overheads on demand.
class OverheadProbe {
 public:
  /// Contention is not measured where all members' numbers take more than `bytes`.
  OverheadProbe(MeasuredRates& in, LimitProbe& of, double bytes = installed_memory() / 4)
      : rates(in), limits(of), room(bytes) {}

  /// `limit` is the cell's, `alone` the same on one thread.
  OverheadTime of(const Kernel& kernel, const Network& network, const Loss& loss, Index batch,
                  const std::string& scalar, int threads, const LimitTime& limit, const LimitTime& alone);

 private:
  MeasuredRates& rates;
  LimitProbe& limits;
  const double room;

  template <class T>
  void member(const Kernel& kernel, const Network& network, const Loss& loss, Index batch, int threads, int members,
              const LimitTime& limit, OverheadTime& time);
  template <class T>
  void several_samples(const Kernel& kernel, const Network& network, Index batch, const std::string& scalar,
                       const LimitTime& limit, OverheadTime& time);
  void memory(double weights, double kept, int members, OverheadTime& time);
  /// Of one sample whose weights and their gradient the second cache does not hold.
  void passes(double weights, const LimitTime& limit, OverheadTime& time);
  template <class T>
  void one_sample(const Kernel& kernel, const Network& network, const std::string& scalar, const LimitTime& limit,
                  OverheadTime& time);
  /// A step of one sample, each on what the one before gave, or (`apart`) each on the same numbers; by so many matrices
  /// of weights one after the other.
  template <class T>
  double chain(const Kernel& kernel, const FusedStep<T>& step, bool apart, Index matrices);
  template <class T>
  std::pair<double, double> losses(const Kernel& kernel, Index n);
  template <class T>
  double call(const Kernel& kernel, const std::string& scalar);
};

}  // namespace backprove
