#pragma once

#include <optional>

#include "bench/block.hpp"
#include "bench/timed_cell.hpp"
#include "bench/verified.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

/// The gradients of a block that may be timed: prepared, called once and verified in this process.
class PreparedCells {
 public:
  explicit PreparedCells(const BenchBlock& of);

  /// What the strategy's gradient is found to be; it is kept unless it failed or is not finite.
  Verified add(const StrategyInfo& strategy, int threads);
  /// A strategy of the block on its own memory.
  std::shared_ptr<Ready> prepared(const StrategyInfo& strategy, int threads) const;
  Request request(const Options& options) const;
  Options options(int threads) const;
  /// Calls of the strategy's gradient on several copies of its memory: as many as copies_of gives, at most `most`.
  std::vector<std::function<void()>> calls(const StrategyInfo& strategy, int threads, Index most) const;

  /// Samples of every gradient that was kept, of the first one once more, and of the loss alone on every number of
  /// threads; where the block asks for limits also of what a team's meetings take by themselves, and of what
  /// FractionProbe needs, since how fast the machine is changes within seconds. With one process each. Each on copies
  /// of its memory (copies_of).
  std::vector<TimedCell> samples(const std::function<void(const std::string&)>& say);

  /// Gives their memory back.
  void release() { entries.clear(); }

  Verifier verifier;

 private:
  struct Entry {
    std::string what;
    Cell cell;
    const StrategyInfo* strategy;
    std::shared_ptr<Ready> ready;
  };
  Index most_copies(const StrategyInfo& strategy, int threads) const;
  /// Whose meetings are sampled too.
  std::optional<FusedTeam> team_of(const Entry& entry) const;

  const BenchBlock& block;
  std::vector<Entry> entries;
};

/// Any strategy can evaluate the loss.
const StrategyInfo& loss_by();

}  // namespace backprove
