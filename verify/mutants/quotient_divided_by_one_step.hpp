#pragma once

#include "core/strategies/central_difference.hpp"
#include "verify/mutation/path_mutant.hpp"

namespace backprove::mutants {

struct QuotientDividedByOneStep : StrategyMutant {
  static constexpr std::string_view name = "quotient_divided_by_one_step";
  static constexpr std::string_view what =
      "the difference of the losses at x + h and x - h is divided by h in place of 2h";
  static constexpr std::string_view replaces = "central_difference";

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [right = CentralDifference::prepare<T>(problem, options)](Gradient<T>& gradient) {
      right(gradient);  // dividing by half doubles exactly, quotients and their changes alike
      gradient.parameters *= T(2);
      gradient.input *= T(2);
      gradient.truncation *= 2;
      gradient.irregularity *= 2;
    };
  }
};

}  // namespace backprove::mutants
