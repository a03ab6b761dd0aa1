#include "verify/votes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/layer.hpp"
#include "verify/support.hpp"

namespace backprove {

Votes::Votes(std::vector<const StrategyInfo*> of)
    : strategies(std::move(of)), vote(strategies.size(), std::vector<int>(strategies.size(), 0)) {}

Index Votes::count(std::size_t s, int value) const { return std::ranges::count(vote[s], value); }

bool Votes::is_outlier(std::size_t s) const {
  if (disagreeing(s) <= agreeing(s)) return false;
  Index alike = 0, unlike = 0;
  for (std::size_t a = 0; a < vote.size(); ++a)
    for (std::size_t b = a + 1; b < vote.size(); ++b) {
      if (vote[s][a] != -1 || vote[s][b] != -1) continue;
      alike += vote[a][b] == 1 ? 1 : 0;
      unlike += vote[a][b] == -1 ? 1 : 0;
    }
  return alike > unlike;
}

std::string Votes::evidence(std::size_t s) const {
  std::string text;
  for (const unsigned formula : {formula_value, formula_d_input, formula_d_params, formula_vjp, formula_dual_rules}) {
    if ((strategies[s]->trusts & formula) == 0) continue;
    Index independent = 0;
    for (std::size_t other = 0; other < vote.size(); ++other)
      independent += vote[s][other] == 1 && (strategies[other]->trusts & formula) == 0 ? 1 : 0;
    text += fmt::format("{}{} confirmed by {}", text.empty() ? "" : ", ", formulas(formula), independent);
  }
  return text;
}

std::string Votes::names(std::size_t s, int value) const {
  std::string text;
  for (std::size_t other = 0; other < vote.size(); ++other)
    if (vote[s][other] == value) text += fmt::format("{}{}", text.empty() ? "" : ", ", strategies[other]->name);
  return text;
}

std::string Votes::sentence(std::size_t s) const {
  if (disagreeing(s) == 0) return evidence(s);
  const std::string others = names(s, 1);
  return fmt::format("disagrees with {}; agrees with {}", names(s, -1), others.empty() ? "none" : others);
}

}  // namespace backprove
