#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

/// Products of matrices of doubles whose entries are unevaluated sums of two doubles, about twice as many digits, with
/// a proven bound of their errors. By error-free transformations in the vectors of each instruction set.
namespace backprove {

/// hi + lo = A B and size = |A| |B|, rounded. A's rows are the vectors' lanes: number (i, k) at a[k a_k + i], (k, j) of
/// B at b[k b_k + j b_j], (i, j) of the results at [j m + i].
struct DoubleDoubleProduct {
  Index m, n, inner;
  const double* a;
  Index a_k;
  const double* b;
  Index b_k, b_j;
  double *hi, *lo, *size;
};

/// One instruction set's version.
struct DoubleDoubleKernel {
  std::string_view name;
  bool (*runs_here)();
  void (*multiply)(const DoubleDoubleProduct&);

  /// Empty, or what its own check found when this process first asked: sums that cancel, against MPFR, within the
  /// bound. A compiler that contracts a b + c, which makes the transformations inexact without a word, is found here.
  std::string wrong() const;
};

/// All of them, the fastest first.
const std::vector<DoubleDoubleKernel>& double_double_kernels();
/// The first that runs here and is not wrong, or nullptr.
const DoubleDoubleKernel* double_double_kernel();

/// What a product needs for its bound: no infinities, no overflow in the transformations, and no underflow.
struct DoubleDoubleRange {
  bool overflows = false;   ///< or is not finite
  bool underflows = false;  ///< a product's rounding error might not be a double

  /// Of all entries of both factors.
  static DoubleDoubleRange of(const double* a, Index a_count, const double* b, Index b_count, Index inner);
};

/// The largest |hi + lo - exact| of an entry that is a sum of `inner` products with `size` as computed: 24 n u^2 S,
/// with u = 2^-53 and S = |a|^T |b|. A product's error and a sum's rest are exact (Dekker 1971; Knuth; Ogita, Rump and
/// Oishi 2005, "Accurate sum and dot product"), at most u S each, and so is the part left from the step before: what is
/// added to the small part in a step is at most 2 u S, and the small part w itself 3 u S, up to factors 1 + O(n u).
/// Their two roundings cost 5 u^2 S, and the renormalising sum up to 4 u |w| where |w| exceeds what it is added to (its
/// difference is at most 3 |w| there and rounded once), together less than 18 u^2 S a step. Underflow adds at most 5
/// 2^-1074 a product.
double double_double_error(Index inner, double size, bool underflows);

}  // namespace backprove
