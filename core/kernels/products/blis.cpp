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

template <class T>
ReadyProduct ready(const ProductTask<T>& task) {
  return ready_alone<T, long>(function, "bli_thread_set_num_threads", task);
}

}  // namespace

/// BACKPROVE_BLIS may name another file than libblis.so.4.
const ProductLibrary& product_blis() {
  static const ProductLibrary library{"blis", missing, version, ready<float>, ready<double>};
  return library;
}

}  // namespace backprove
