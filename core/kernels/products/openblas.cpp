#include <fmt/format.h>

#include <cstdlib>

#include "core/kernels/products/blas.hpp"

namespace backprove {

namespace {

void* function(const char* name) { return shared_function("libopenblas.so.0", "BACKPROVE_OPENBLAS", name); }

std::string missing() { return function("cblas_dgemm") ? "" : "not installed"; }

std::string text_of(const char* name) {
  const auto get = reinterpret_cast<char* (*)()>(function(name));
  return get ? get() : "unknown";
}
std::string version() {
  const char* chosen = std::getenv("OPENBLAS_CORETYPE");
  return fmt::format("{}, core {}{}", text_of("openblas_get_config"), text_of("openblas_get_corename"),
                     chosen ? fmt::format(" (OPENBLAS_CORETYPE={})", chosen) : "");
}

template <class T>
ReadyProduct ready(const ProductTask<T>& task) {
  return ready_alone<T, int>(function, "openblas_set_num_threads", task);
}

}  // namespace

/// BACKPROVE_OPENBLAS may name another file than libopenblas.so.0.
const ProductLibrary& product_openblas() {
  static const ProductLibrary library{"openblas", missing, version, ready<float>, ready<double>};
  return library;
}

}  // namespace backprove
