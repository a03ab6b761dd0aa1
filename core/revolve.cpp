#include "core/revolve.hpp"

#include <algorithm>
#include <limits>

namespace backprove {

Revolve::Revolve(Index steps, Index snapshots)
    : most_snapshots(std::max<Index>(1, std::min(snapshots, steps))),
      table(static_cast<std::size_t>((steps + 1) * (most_snapshots + 1))) {
  const auto entry = [&](Index l, Index s) -> Entry& {
    return table[static_cast<std::size_t>(l * (most_snapshots + 1) + s)];
  };
  for (Index l = 2; l <= steps; ++l) {
    entry(l, 1) = {static_cast<double>(l) * static_cast<double>(l - 1) / 2, 0};
    for (Index s = 2; s <= most_snapshots; ++s) {
      Entry best{std::numeric_limits<double>::infinity(), 0};
      for (Index i = 1; i < l; ++i) {
        const double extra = static_cast<double>(i) + entry(i, s).extra + entry(l - i, s - 1).extra;
        if (extra < best.extra) best = {extra, i};
      }
      entry(l, s) = best;
    }
  }
}

const Revolve::Entry& Revolve::at(Index steps, Index snapshots) const {
  return table[static_cast<std::size_t>(steps * (most_snapshots + 1) + std::min(snapshots, most_snapshots))];
}

}  // namespace backprove
