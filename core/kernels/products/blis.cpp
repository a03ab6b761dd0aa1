#include <fmt/format.h>

#include "core/kernels/products/blas.hpp"

namespace backprove {

namespace {

void* function(const char* name) { return shared_function("libblis.so.4", "BACKPROVE_BLIS", name); }

std::string missing() { return function("cblas_dgemm") ? "" : "not installed"; }

std::string version() {
  const auto text = reinterpret_cast<const char* (*)()>(function("bli_info_get_version_str"));
  const auto id = reinterpret_cast<int (*)()>(function("bli_arch_query_id"));
  const auto arch = reinterpret_cast<const char* (*)(int)>(function("bli_arch_string"));
  return fmt::format("BLIS {}, for {}", text ? text() : "unknown", id && arch ? arch(id()) : "unknown");
}

/// One thread, once.
void alone() {
  static const bool done = [] {
    if (const auto set = reinterpret_cast<void (*)(long)>(function("bli_thread_set_num_threads"))) set(1);
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

/// BACKPROVE_BLIS may name another file than libblis.so.4.
const ProductLibrary& product_blis() {
  static const ProductLibrary library{"blis", missing, version, in_float, in_double};
  return library;
}

}  // namespace backprove
