#include <algorithm>

#include "core/kernels/products_by.hpp"
#include "core/product.hpp"

namespace backprove::detail {

namespace {

/// One tile of at most 96 x 96 x 96, a packing buffer of 72 KiB in double (64 and 64 KiB in long double): below Eigen's
/// stack limit of 128 KiB.
template <class T>
inline constexpr Index tile_of = sizeof(T) > sizeof(double) ? 64 : 96;

template <class A, class B, class C>
void add_tiles(const A& a, const B& b, C& c) {
  constexpr Index tile = tile_of<typename C::Scalar>;
  const Index m = c.rows(), n = c.cols(), inner = a.cols();
  for (Index k = 0; k < inner; k += tile)
    for (Index j = 0; j < n; j += tile)
      for (Index i = 0; i < m; i += tile) {
        const Index mi = std::min(tile, m - i), nj = std::min(tile, n - j), kk = std::min(tile, inner - k);
        c.block(i, j, mi, nj).noalias() += a.block(i, k, mi, kk) * b.block(k, j, kk, nj);
      }
}

}  // namespace

template <class T>
void native_product(Op op_a, const In<T>& a, Op op_b, const In<T>& b, Out<T>& c) {
  if constexpr (!std::same_as<T, long double>)
    if (const Kernel* kernel = ProductsBy::active())
      if (add_product_by<T>(*kernel, op_a == Op::transposed, a.data(), op_b == Op::transposed, b.data(), c.data(),
                            c.rows(), c.cols(), op_a == Op::plain ? a.cols() : a.rows()))
        return;
  if (op_a == Op::plain) {
    if (op_b == Op::plain)
      add_tiles(a, b, c);
    else
      add_tiles(a, b.transpose(), c);
  } else {
    if (op_b == Op::plain)
      add_tiles(a.transpose(), b, c);
    else
      add_tiles(a.transpose(), b.transpose(), c);
  }
}

template void native_product(Op, const In<float>&, Op, const In<float>&, Out<float>&);
template void native_product(Op, const In<double>&, Op, const In<double>&, Out<double>&);
template void native_product(Op, const In<long double>&, Op, const In<long double>&, Out<long double>&);

}  // namespace backprove::detail
