#pragma once

#include <optional>

#include "core/kernels/products/library.hpp"
#include "core/layers/affine.hpp"
#include "core/product.hpp"
#include "core/scalars/interval.hpp"

/// The exact side of an affine layer's step by fast products, in place of intervals one by one or of long doubles. What
/// does not fit (infinities, overflow, underflow, no kernel) is left to the tape and to dual numbers.
namespace backprove::stage {

/// X_bar = W Y_bar (n_in x B) and W_bar = X Y_bar^T, b_bar (theta's order), as intervals that contain them: products in
/// double-double, widened by their errors' bound (core/kernels/double_double.hpp).
struct AffineIntervals {
  Matrix<Interval> x_bar;
  Vector<Interval> theta_bar;
};
/// weight n_in x n_out, x n_in x B, y_bar n_out x B.
std::optional<AffineIntervals> affine_intervals(const Matrix<double>& weight, const Matrix<double>& x,
                                                const Matrix<double>& y_bar);

/// A (outputs x terms) times matrices of signs. A number of A is cut into a coarse part, whose signed sums are exact in
/// double, and a rest that is 2^-40 of its row's largest: two products of doubles, good to 2^-70 of the largest
/// (core/product_by_parts.hpp).
class SignedSums {
 public:
  /// Nothing if A holds what cannot be cut, or has too many columns.
  static std::optional<SignedSums> of(const Matrix<double>& a);

  /// <weights, A S> for every one of the matrices that stand side by side in `signs` (terms x count columns): weights
  /// is outputs x columns. Entries of `signs` are -1, 0 or 1.
  std::vector<long double> products(const Matrix<double>& signs, const Matrix<double>& weights) const;

 private:
  explicit SignedSums(const Matrix<long double>& a) : parts(a, true) {}
  detail::TwoParts parts;
};

}  // namespace backprove::stage
