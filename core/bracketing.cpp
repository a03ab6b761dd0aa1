#include "core/bracketing.hpp"

#include <algorithm>
#include <limits>

namespace backprove {

ChainFactor ChainFactor::matrix(double rows, double cols) {
  return {rows, cols, std::numeric_limits<double>::infinity(), 0};
}
ChainFactor ChainFactor::program(double rows, double cols, double edges) {
  return {rows, cols, edges, edges * std::min(rows, cols)};
}

std::vector<Bracket> Bracketing::column(Index j, const ChainFactor& factor) const {
  std::vector<Bracket> best(index(j) + 1);
  const auto at = [&](Index k) -> const ChainFactor& { return k == j ? factor : factors[index(k)]; };
  best[index(j)] = {Bracket::Kind::factor, j, factor.write_out};
  for (Index i = j - 1; i >= 0; --i) {
    Bracket& choice = best[index(i)];
    choice.cost = std::numeric_limits<double>::infinity();
    const auto offer = [&](Bracket::Kind kind, Index k, double cost) {
      if (cost < choice.cost) choice = {kind, k, cost};
    };
    std::vector<double> through(index(j - i));  // cost of one vector through the factors i..k
    for (Index k = i; k < j; ++k) through[index(k - i)] = (k > i ? through[index(k - i - 1)] : 0) + at(k).apply;
    // From the last cut to the first, so that equal costs prefer to extend the longest prefix, which others share.
    double right = 0;
    for (Index k = j - 1; k >= i; --k) {
      const double prefix = bracket(i, k).cost, suffix = best[index(k + 1)].cost;
      right += at(k + 1).apply;
      offer(Bracket::Kind::pull_back, k, prefix + at(i).rows * right);
      offer(Bracket::Kind::split, k, prefix + suffix + at(i).rows * at(k).cols * factor.cols);
      offer(Bracket::Kind::push_forward, k, suffix + factor.cols * through[index(k - i)]);
    }
  }
  return best;
}

void Bracketing::append(const ChainFactor& factor) {
  columns.push_back(column(size(), factor));
  factors.push_back(factor);
}

double worst_dense_bracketing(const std::vector<ChainFactor>& factors) {
  const std::size_t n = factors.size();
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  for (std::size_t length = 2; length <= n; ++length)
    for (std::size_t i = 0; i + length <= n; ++i) {
      const std::size_t j = i + length - 1;
      for (std::size_t k = i; k < j; ++k)
        cost[i][j] =
            std::max(cost[i][j], cost[i][k] + cost[k + 1][j] + factors[i].rows * factors[k].cols * factors[j].cols);
    }
  return n == 0 ? 0 : cost[0][n - 1];
}

}  // namespace backprove
