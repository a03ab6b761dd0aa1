#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// Every entry against Ridders differences (initial step 1e-2, contraction 2, at most 10 extrapolations), relative to
/// the larger of both, absolute where one is zero.
struct CeresRidders {
  static constexpr std::string_view name = "ceres_ridders";
  static constexpr std::string_view source =
      "ceres::GradientChecker with RIDDERS differences, relative precision 1e-8 (Solver::Options, "
      "gradient_check_relative_precision)";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    const Matrix<T> claimed = claimed_jacobian(f);
    for (Index k = 0; k < f.x.size(); ++k) {
      const Vector<T> numerical = ridders_column(f, k);
      for (Index i = 0; i < f.outputs; ++i) {
        const double a = static_cast<double>(claimed(i, k)), b = static_cast<double>(numerical(i));
        double error = std::abs(a - b);
        if (a != 0 && b != 0) error /= std::max(std::abs(a), std::abs(b));
        if (!(error < 1e-8)) return false;
      }
    }
    return true;
  }

 private:
  template <class T>
  static Vector<T> ridders_column(const ClaimedFunction<T>& f, Index k) {
    T h = T(1e-2) * std::max(T(1), std::abs(f.x(k)));
    std::vector<Vector<T>> row{central_column(f, k, h)};
    Vector<T> best = row.front();
    T best_error = std::numeric_limits<T>::max();
    for (int i = 1; i < 10; ++i) {
      h /= T(2);
      std::vector<Vector<T>> next{central_column(f, k, h)};
      T factor = T(1);
      for (std::size_t m = 0; m < row.size(); ++m) {
        factor *= T(4);
        next.push_back((factor * next[m] - row[m]) / (factor - T(1)));
        const T error = std::max((next[m + 1] - next[m]).norm(), (next[m + 1] - row[m]).norm());
        if (error > best_error) continue;
        best_error = error;
        best = next.back();
      }
      row = std::move(next);
    }
    return best;
  }
};

}  // namespace backprove::baselines
