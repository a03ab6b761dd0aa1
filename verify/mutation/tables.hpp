#pragma once

#include "verify/mutation/matrix.hpp"

namespace backprove {

/// A line for every mutant: the checks that caught it, pair by pair.
std::string table_of(const std::vector<Trial>& trials);

/// A line for every mutant that re-enacts a shipped bug: the published rules that caught it, pair by pair, beside ours;
/// then the totals over all mutants of reverse steps. Rejections that do not count, since the rule rejects the right
/// step there too, stand behind a tilde.
std::string rule_table_of(const std::vector<Trial>& trials);

}  // namespace backprove
