#include "core/kernels/products/library.hpp"

#if __has_include(<libxsmm.h>) && defined(BACKPROVE_XSMM)
#include <fmt/format.h>
#include <libxsmm.h>
#define BACKPROVE_HAS_XSMM
#endif

namespace backprove {

#ifdef BACKPROVE_HAS_XSMM
namespace {

/// Its code is made for the shape when the product is made ready.
template <class T, auto dispatch>
ReadyProduct ready(const ProductTask<T>& task) {
  libxsmm_init();
  const auto m = static_cast<libxsmm_blasint>(task.m), n = static_cast<libxsmm_blasint>(task.n),
             k = static_cast<libxsmm_blasint>(task.k), ldb = task.b_transposed ? n : k;
  const T alpha = 1, beta = 0;
  const int flags = task.b_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const auto function = dispatch(m, n, k, &m, &ldb, &m, &alpha, &beta, &flags, nullptr);
  if (!function) return {};
  return {[task, function] { function(task.a, task.b, task.c); }, [] {}};
}

std::string version() {
  libxsmm_init();
  return fmt::format("libxsmm {}, for {}", LIBXSMM_CONFIG_VERSION, libxsmm_get_target_arch());
}

}  // namespace

const ProductLibrary& product_xsmm() {
  static const ProductLibrary library{"xsmm", [] { return std::string(); }, version, ready<float, libxsmm_smmdispatch>,
                                      ready<double, libxsmm_dmmdispatch>};
  return library;
}
#else
const ProductLibrary& product_xsmm() {
  static const ProductLibrary library{"xsmm", [] { return std::string("not installed when this was built"); },
                                      [] { return std::string(); },
                                      [](const ProductTask<float>&) { return ReadyProduct{}; },
                                      [](const ProductTask<double>&) { return ReadyProduct{}; }};
  return library;
}
#endif

}  // namespace backprove
