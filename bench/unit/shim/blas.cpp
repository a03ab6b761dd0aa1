// Matrix products with the C interface of the BLAS, in long double; one entry of every product is off by
// BACKPROVE_ERROR. With BACKPROVE_ENDS the process ends in the first of them, as if all were well.

#include <unistd.h>

namespace {

template <class T>
void gemm(int transpose_b, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, T beta, T* c,
          int ldc) {
#ifdef BACKPROVE_ENDS
  _exit(0);
#endif
  constexpr int transposed = 112;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < m; ++i) {
      long double sum = beta == 0 ? 0.0L : static_cast<long double>(beta) * c[j * ldc + i];
      for (int l = 0; l < k; ++l)
        sum +=
            static_cast<long double>(alpha) * a[l * lda + i] * b[transpose_b == transposed ? l * ldb + j : j * ldb + l];
      c[j * ldc + i] = static_cast<T>(sum);
    }
  c[(n / 2) * ldc + m / 2] += static_cast<T>(BACKPROVE_ERROR);
}

}  // namespace

extern "C" {

void cblas_sgemm(int, int, int transpose_b, int m, int n, int k, float alpha, const float* a, int lda, const float* b,
                 int ldb, float beta, float* c, int ldc) {
  gemm(transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
void cblas_dgemm(int, int, int transpose_b, int m, int n, int k, double alpha, const double* a, int lda,
                 const double* b, int ldb, double beta, double* c, int ldc) {
  gemm(transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
}
