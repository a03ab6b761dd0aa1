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

/// One thread, once.
void alone() {
  static const bool done = [] {
    if (const auto set = reinterpret_cast<void (*)(int)>(function("openblas_set_num_threads"))) set(1);
    return true;
  }();
  static_cast<void>(done);
}
ReadyProduct in_float(const ProductTask<float>& task) {
  alone();
  return ready_by_cblas(function("cblas_sgemm"), task);
}
ReadyProduct in_double(const ProductTask<double>& task) {
  alone();
  return ready_by_cblas(function("cblas_dgemm"), task);
}

}  // namespace

/// BACKPROVE_OPENBLAS may name another file than libopenblas.so.0.
const ProductLibrary& product_openblas() {
  static const ProductLibrary library{"openblas", missing, version, in_float, in_double};
  return library;
}

}  // namespace backprove
