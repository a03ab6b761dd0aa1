#pragma once

#include "core/types.hpp"

namespace backprove {

struct Kernel;

/// While it lives, this thread's larger matrix products of floats and doubles (core/product.hpp) are computed by a
/// kernel; nullptr: by Eigen. Chunks of a parallel region (core/parallel.hpp) inherit it.
class ProductsBy {
 public:
  explicit ProductsBy(const Kernel* kernel) : before(active()) { active() = kernel; }
  ~ProductsBy() { active() = before; }
  ProductsBy(const ProductsBy&) = delete;
  ProductsBy& operator=(const ProductsBy&) = delete;

  static const Kernel*& active() {
    static thread_local const Kernel* kernel = nullptr;
    return kernel;
  }

 private:
  const Kernel* before;
};

/// C (m x n) += op(A) op(B), all column by column without gaps: A is m x k or, transposed, k x m; B is k x n or,
/// transposed, n x k. Returns false, and does nothing, where the product is too small to gain. Allocates only when a
/// thread needs more room than ever before.
template <class T>
bool add_product_by(const Kernel& kernel, bool a_transposed, const T* a, bool b_transposed, const T* b, T* c, Index m,
                    Index n, Index k);

extern template bool add_product_by(const Kernel&, bool, const float*, bool, const float*, float*, Index, Index, Index);
extern template bool add_product_by(const Kernel&, bool, const double*, bool, const double*, double*, Index, Index,
                                    Index);

}  // namespace backprove
