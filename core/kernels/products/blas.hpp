#pragma once

#include "core/kernels/products/library.hpp"

/// Libraries with the C interface of the BLAS: cblas_sgemm and cblas_dgemm with 32-bit sizes.
namespace backprove {

template <class T>
using CblasGemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a,
                           int lda, const T* b, int ldb, T beta, T* c, int ldc);

template <class T>
ReadyProduct ready_by_cblas(void* function, const ProductTask<T>& task) {
  constexpr int column_by_column = 102, plain = 111, transposed = 112;
  const auto gemm = reinterpret_cast<CblasGemm<T>>(function);
  if (!gemm) return {};
  return {[task, gemm] {
            const int m = static_cast<int>(task.m), n = static_cast<int>(task.n), k = static_cast<int>(task.k);
            gemm(column_by_column, plain, task.b_transposed ? transposed : plain, m, n, k, 1, task.a, m, task.b,
                 task.b_transposed ? n : k, 0, task.c, m);
          },
          [] {}};
}

/// The same of a library whose functions `function` finds, on one thread: `set_threads` of type int or long is told so
/// once.
template <class T, class Count>
ReadyProduct ready_alone(void* (*function)(const char*), const char* set_threads, const ProductTask<T>& task) {
  static const bool done = [&] {
    if (const auto set = reinterpret_cast<void (*)(Count)>(function(set_threads))) set(1);
    return true;
  }();
  static_cast<void>(done);
  return ready_by_cblas(function(sizeof(T) == sizeof(float) ? "cblas_sgemm" : "cblas_dgemm"), task);
}

}  // namespace backprove
