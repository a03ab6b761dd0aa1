#include "core/kernels/products_by.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/kernels/kernel.hpp"
#include "core/product.hpp"
#include "verify/unit/catch.hpp"

namespace backprove {
namespace {

/// op(A) op(B) added to what C holds, against long double and the rounding bound of k + 1 terms.
template <class T>
void check_product(const Kernel& kernel, Index m, Index n, Index k, bool a_transposed, bool b_transposed) {
  INFO(fmt::format("{}: {}x{}x{}, {}{}, {} bytes", kernel.name, m, k, n, a_transposed ? "A^T " : "A ",
                   b_transposed ? "B^T" : "B", sizeof(T)));
  const Matrix<T> a = Matrix<T>::Random(a_transposed ? k : m, a_transposed ? m : k),
                  b = Matrix<T>::Random(b_transposed ? n : k, b_transposed ? k : n), before = Matrix<T>::Random(m, n);
  Matrix<T> c = before;
  {
    const ProductsBy scope(&kernel);
    product<T>(a_transposed ? Op::transposed : Op::plain, view(a), b_transposed ? Op::transposed : Op::plain, view(b),
               view(c), true);
  }
  const auto wide_a = [&](Index i, Index l) { return static_cast<long double>(a_transposed ? a(l, i) : a(i, l)); };
  const auto wide_b = [&](Index l, Index j) { return static_cast<long double>(b_transposed ? b(j, l) : b(l, j)); };
  const long double u = std::numeric_limits<T>::epsilon() / 2, terms = static_cast<long double>(k + 1);
  Index beyond = 0;
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      long double exact = static_cast<long double>(before(i, j)), size = std::abs(exact);
      for (Index l = 0; l < k; ++l) {
        exact += wide_a(i, l) * wide_b(l, j);
        size += std::abs(wide_a(i, l) * wide_b(l, j));
      }
      if (!(std::abs(static_cast<long double>(c(i, j)) - exact) <= terms * u / (1 - terms * u) * size)) ++beyond;
    }
  CHECK(beyond == 0);
}

}  // namespace

TEST_CASE("kernels: products of any shape within their bounds, nothing read or written beyond them",
          "[native][kernels]") {
  std::srand(4);
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const auto& [m, n, k] : {std::array<Index, 3>{16, 8, 8},
                                  {33, 7, 9},
                                  {64, 10, 64},
                                  {100, 1, 300},
                                  {31, 65, 130},
                                  {257, 3, 5},
                                  {129, 40, 1}})
      for (const bool a_transposed : {false, true})
        for (const bool b_transposed : {false, true}) {
          check_product<float>(kernel, m, n, k, a_transposed, b_transposed);
          check_product<double>(kernel, m, n, k, a_transposed, b_transposed);
        }
    const Matrix<double> tiny = Matrix<double>::Ones(2, 2);
    Matrix<double> c = Matrix<double>::Zero(2, 2);
    CHECK_FALSE(add_product_by<double>(kernel, false, tiny.data(), false, tiny.data(), c.data(), 2, 2, 2));
  }
  CHECK(ProductsBy::active() == nullptr);
}

}  // namespace backprove
