#pragma once

#include <vector>

#include "core/types.hpp"

/// Binomial checkpointing (Griewank & Walther 2000, algorithm 799).
namespace backprove {

/// Optimal reversal of `steps` steps with at most `snapshots` states held at once, the first included:
///   p(l, s) = min_i { i + p(i, s) + p(l - i, s - 1) },  p(1, s) = 0,  p(l, 1) = l (l - 1)/2
/// forward steps beyond the one that each reverse step does itself.
class Revolve {
 public:
  Revolve(Index steps, Index snapshots);
  double extra_steps(Index steps, Index snapshots) const { return at(steps, snapshots).extra; }
  /// How far to advance before the next snapshot is taken, for l > 1 and s > 1.
  Index advance(Index steps, Index snapshots) const { return at(steps, snapshots).advance; }

 private:
  struct Entry {
    double extra = 0;
    Index advance = 0;
  };
  Index most_snapshots;
  std::vector<Entry> table;
  const Entry& at(Index steps, Index snapshots) const;
};

}  // namespace backprove
