#include "core/kernels/peak.hpp"

#include <immintrin.h>

namespace backprove {

namespace {

// Twelve independent sums: the units' latency (4 cycles, two units) needs eight, and registers hold them all.
constexpr Index sums = 12;

#define BACKPROVE_PEAK(name, target_text, vector, lanes, number, set1, multiply_add, add, store)                      \
  __attribute__((target(target_text))) number name(Index rounds) {                                                    \
    const vector factor = set1(static_cast<number>(0.999)), term = set1(static_cast<number>(1e-3));                   \
    vector s0 = set1(static_cast<number>(0)), s1 = set1(static_cast<number>(1)), s2 = set1(static_cast<number>(2)),   \
           s3 = set1(static_cast<number>(3));                                                                         \
    vector s4 = set1(static_cast<number>(4)), s5 = set1(static_cast<number>(5)), s6 = set1(static_cast<number>(6)),   \
           s7 = set1(static_cast<number>(7));                                                                         \
    vector s8 = set1(static_cast<number>(8)), s9 = set1(static_cast<number>(9)), s10 = set1(static_cast<number>(10)), \
           s11 = set1(static_cast<number>(11));                                                                       \
    for (Index r = 0; r < rounds; ++r) {                                                                              \
      s0 = multiply_add(s0, factor, term), s1 = multiply_add(s1, factor, term), s2 = multiply_add(s2, factor, term);  \
      s3 = multiply_add(s3, factor, term), s4 = multiply_add(s4, factor, term), s5 = multiply_add(s5, factor, term);  \
      s6 = multiply_add(s6, factor, term), s7 = multiply_add(s7, factor, term), s8 = multiply_add(s8, factor, term);  \
      s9 = multiply_add(s9, factor, term), s10 = multiply_add(s10, factor, term),                                     \
      s11 = multiply_add(s11, factor, term);                                                                          \
    }                                                                                                                 \
    s0 = add(s0, s6);                                                                                                 \
    s1 = add(s1, s7);                                                                                                 \
    s2 = add(s2, s8);                                                                                                 \
    s3 = add(s3, s9);                                                                                                 \
    s4 = add(s4, s10);                                                                                                \
    s5 = add(s5, s11);                                                                                                \
    s0 = add(add(add(s0, s1), add(s2, s3)), add(s4, s5));                                                             \
    number all[lanes];                                                                                                \
    store(all, s0);                                                                                                   \
    number total = 0;                                                                                                 \
    for (const number one : all) total += one;                                                                        \
    return total;                                                                                                     \
  }

__m128 multiply_add_ps(__m128 a, __m128 b, __m128 c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
__m128d multiply_add_pd(__m128d a, __m128d b, __m128d c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }

BACKPROVE_PEAK(sse2_float, "sse2", __m128, 4, float, _mm_set1_ps, multiply_add_ps, _mm_add_ps, _mm_storeu_ps)
BACKPROVE_PEAK(sse2_double, "sse2", __m128d, 2, double, _mm_set1_pd, multiply_add_pd, _mm_add_pd, _mm_storeu_pd)
BACKPROVE_PEAK(avx2_float, "avx2,fma", __m256, 8, float, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps,
               _mm256_storeu_ps)
BACKPROVE_PEAK(avx2_double, "avx2,fma", __m256d, 4, double, _mm256_set1_pd, _mm256_fmadd_pd, _mm256_add_pd,
               _mm256_storeu_pd)
BACKPROVE_PEAK(avx512_float, "avx512f", __m512, 16, float, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_add_ps,
               _mm512_storeu_ps)
BACKPROVE_PEAK(avx512_double, "avx512f", __m512d, 8, double, _mm512_set1_pd, _mm512_fmadd_pd, _mm512_add_pd,
               _mm512_storeu_pd)

#undef BACKPROVE_PEAK

void scalar_triad(double* a, const double* b, const double* c, double s, Index from, Index to) {
  for (Index i = from; i < to; ++i) a[i] = b[i] + s * c[i];
}

#define BACKPROVE_TRIAD(name, target_text, vector, lanes, set1, multiply_add, load, store)                         \
  __attribute__((target(target_text))) void name(double* a, const double* b, const double* c, double s, Index n) { \
    const vector factor = set1(s);                                                                                 \
    Index i = 0;                                                                                                   \
    for (; i + (lanes) <= n; i += (lanes)) store(a + i, multiply_add(load(c + i), factor, load(b + i)));           \
    scalar_triad(a, b, c, s, i, n);                                                                                \
  }

BACKPROVE_TRIAD(sse2_triad, "sse2", __m128d, 2, _mm_set1_pd, multiply_add_pd, _mm_loadu_pd, _mm_storeu_pd)
BACKPROVE_TRIAD(avx2_triad, "avx2,fma", __m256d, 4, _mm256_set1_pd, _mm256_fmadd_pd, _mm256_loadu_pd, _mm256_storeu_pd)
BACKPROVE_TRIAD(avx512_triad, "avx512f", __m512d, 8, _mm512_set1_pd, _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_storeu_pd)

#undef BACKPROVE_TRIAD

// Four sums: an addition takes longer than a vector to be read from the first cache.
#define BACKPROVE_PASSES(name, target_text, vector, lanes, set1, add, load, store, stream)          \
  __attribute__((target(target_text))) double name##_read(const double* a, Index n) {               \
    vector s0 = set1(0), s1 = set1(0), s2 = set1(0), s3 = set1(0);                                  \
    constexpr Index one = (lanes), two = 2 * one, three = 3 * one, four = 4 * one;                  \
    Index i = 0;                                                                                    \
    for (; i + four <= n; i += four) {                                                              \
      s0 = add(s0, load(a + i)), s1 = add(s1, load(a + i + one));                                   \
      s2 = add(s2, load(a + i + two)), s3 = add(s3, load(a + i + three));                           \
    }                                                                                               \
    alignas(64) double all[lanes];                                                                  \
    store(all, add(add(s0, s1), add(s2, s3)));                                                      \
    double total = 0;                                                                               \
    for (const double sum : all) total += sum;                                                      \
    for (; i < n; ++i) total += a[i];                                                               \
    return total;                                                                                   \
  }                                                                                                 \
  __attribute__((target(target_text))) void name##_write(double* a, double s, Index n, bool past) { \
    const vector number = set1(s);                                                                  \
    Index i = 0;                                                                                    \
    if (past)                                                                                       \
      for (; i + (lanes) <= n; i += (lanes)) stream(a + i, number);                                 \
    for (; i + (lanes) <= n; i += (lanes)) store(a + i, number);                                    \
    for (; i < n; ++i) a[i] = s;                                                                    \
    if (past) _mm_sfence();                                                                         \
  }

BACKPROVE_PASSES(sse2, "sse2", __m128d, 2, _mm_set1_pd, _mm_add_pd, _mm_loadu_pd, _mm_store_pd, _mm_stream_pd)
BACKPROVE_PASSES(avx2, "avx2,fma", __m256d, 4, _mm256_set1_pd, _mm256_add_pd, _mm256_loadu_pd, _mm256_store_pd,
                 _mm256_stream_pd)
BACKPROVE_PASSES(avx512, "avx512f", __m512d, 8, _mm512_set1_pd, _mm512_add_pd, _mm512_loadu_pd, _mm512_store_pd,
                 _mm512_stream_pd)

#undef BACKPROVE_PASSES

bool always() { return true; }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() { return __builtin_cpu_supports("avx512f"); }

}  // namespace

const std::vector<PeakKernel>& peak_kernels() {
  static const std::vector<PeakKernel> kernels{
      {"sse2", always, sse2_float, sse2_double, 8 * sums, 4 * sums},
      {"avx2+fma", has_avx2, avx2_float, avx2_double, 16 * sums, 8 * sums},
      {"avx512f", has_avx512, avx512_float, avx512_double, 32 * sums, 16 * sums},
  };
  return kernels;
}

void triad(double* a, const double* b, const double* c, double s, Index n) {
  static const auto widest = has_avx512() ? avx512_triad : has_avx2() ? avx2_triad : sse2_triad;
  widest(a, b, c, s, n);
}

double read_numbers(const double* a, Index n) {
  static const auto widest = has_avx512() ? avx512_read : has_avx2() ? avx2_read : sse2_read;
  return widest(a, n);
}

void write_numbers(double* a, double s, Index n, bool past) {
  static const auto widest = has_avx512() ? avx512_write : has_avx2() ? avx2_write : sse2_write;
  widest(a, s, n, past);
}

}  // namespace backprove
