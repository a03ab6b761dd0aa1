#pragma once

#include <string>
#include <vector>

#include "core/engine.hpp"

namespace backprove {

/// Which pairs of strategies agree within the sum of their bounds.
class Votes {
 public:
  explicit Votes(std::vector<const StrategyInfo*> of);

  void agree(std::size_t a, std::size_t b) { set(a, b, 1); }
  void disagree(std::size_t a, std::size_t b) { set(a, b, -1); }

  /// 1 if they agree, -1 if not, 0 if they cannot be compared.
  int between(std::size_t a, std::size_t b) const { return vote[a][b]; }
  Index agreeing(std::size_t s) const { return count(s, 1); }
  Index disagreeing(std::size_t s) const { return count(s, -1); }
  /// Whether it disagrees with most of those that it can be compared with, while they, on the whole, agree with each
  /// other.
  bool is_outlier(std::size_t s) const;
  /// What the agreement is evidence for: every formula that strategy s trusts, and how many of those that agree do not
  /// trust it. Two strategies that share a formula cannot confirm it.
  std::string evidence(std::size_t s) const;
  /// "disagrees with a, b; agrees with c".
  std::string sentence(std::size_t s) const;

 private:
  std::vector<const StrategyInfo*> strategies;
  std::vector<std::vector<int>> vote;  ///< 1 agree, -1 disagree, 0 not comparable

  void set(std::size_t a, std::size_t b, int value) { vote[a][b] = vote[b][a] = value; }
  Index count(std::size_t s, int value) const;
  std::string names(std::size_t s, int value) const;
};

}  // namespace backprove
