#include <fmt/format.h>

#include "core/kernels/products/library.hpp"
#include "core/product.hpp"

namespace backprove {

namespace {

template <class T>
ReadyProduct ready(const ProductTask<T>& task) {
  return {[task] {
            const In<T> b(task.b, task.b_transposed ? task.n : task.k, task.b_transposed ? task.k : task.n);
            product<T>(Op::plain, In<T>(task.a, task.m, task.k), task.b_transposed ? Op::transposed : Op::plain, b,
                       Out<T>(task.c, task.m, task.n));
          },
          [] {}};
}

}  // namespace

/// The products of the layers' own formulas (core/product.hpp).
const ProductLibrary& product_plain() {
  static const ProductLibrary library{
      "plain", [] { return std::string(); },
      [] { return fmt::format("Eigen {}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION); },
      ready<float>, ready<double>};
  return library;
}

}  // namespace backprove
