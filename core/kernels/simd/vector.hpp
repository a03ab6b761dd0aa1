#pragma once

// Included once in every translation unit of an instruction set, which defines BACKPROVE_ISA (the namespace of all that
// it compiles, so that no other unit ever runs its instructions) and BACKPROVE_VECTOR_BYTES.

#include <immintrin.h>

#include <cstdint>
#include <utility>

#include "core/types.hpp"

/// For what must not pass its vectors through memory, as a call that the compiler leaves a call would.
#define BACKPROVE_INLINE [[gnu::always_inline]] inline
#define BACKPROVE_INLINE_LAMBDA __attribute__((always_inline))

namespace backprove::BACKPROVE_ISA {

template <class T>
struct VectorOf;
template <>
struct VectorOf<double> {
  typedef double Type __attribute__((vector_size(BACKPROVE_VECTOR_BYTES)));         // NOLINT(modernize-use-using)
  typedef std::int64_t Whole __attribute__((vector_size(BACKPROVE_VECTOR_BYTES)));  // NOLINT(modernize-use-using)
  typedef double Loose __attribute__((vector_size(BACKPROVE_VECTOR_BYTES), aligned(8), may_alias));  // NOLINT
  static constexpr int digits = 52, exponent_bias = 1023;
};
template <>
struct VectorOf<float> {
  typedef float Type __attribute__((vector_size(BACKPROVE_VECTOR_BYTES)));          // NOLINT(modernize-use-using)
  typedef std::int32_t Whole __attribute__((vector_size(BACKPROVE_VECTOR_BYTES)));  // NOLINT(modernize-use-using)
  typedef float Loose __attribute__((vector_size(BACKPROVE_VECTOR_BYTES), aligned(4), may_alias));  // NOLINT
  static constexpr int digits = 23, exponent_bias = 127;
};

template <class T>
using Vec = typename VectorOf<T>::Type;
template <class T>
using Whole = typename VectorOf<T>::Whole;
template <class T>
inline constexpr Index lanes_of = BACKPROVE_VECTOR_BYTES / static_cast<Index>(sizeof(T));

template <class T>
inline Vec<T> load(const T* p) {
  return *reinterpret_cast<const typename VectorOf<T>::Loose*>(p);
}
template <class T>
inline void store(T* p, Vec<T> v) {
  *reinterpret_cast<typename VectorOf<T>::Loose*>(p) = v;
}
/// The same to memory, not to a cache; p is a multiple of a vector's bytes.
template <class T>
inline void store_past_caches(T* p, Vec<T> v) {
#if BACKPROVE_VECTOR_BYTES == 64
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), reinterpret_cast<__m512i>(v));
#elif BACKPROVE_VECTOR_BYTES == 32
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(v));
#else
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(v));
#endif
}
template <class T>
inline Vec<T> all(T x) {
  return x - Vec<T>{};
}
/// The first n of the lanes, 0 in the others; n may be 0.
template <class T>
inline Vec<T> load_first(const T* p, Index n) {
#if BACKPROVE_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 8)
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1), p);
  else
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
#else
  T room[lanes_of<T>] = {};
  for (Index i = 0; i < n; ++i) room[i] = p[i];
  return load<T>(room);
#endif
}
/// The number at p in the first lane, 0 in the others.
template <class T>
inline Vec<T> first_lane(const T* p) {
#if BACKPROVE_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 8)
    return _mm512_zextpd128_pd512(_mm_load_sd(p));
  else
    return _mm512_zextps128_ps512(_mm_load_ss(p));
#elif BACKPROVE_VECTOR_BYTES == 32
  if constexpr (sizeof(T) == 8)
    return _mm256_zextpd128_pd256(_mm_load_sd(p));
  else
    return _mm256_zextps128_ps256(_mm_load_ss(p));
#else
  return Vec<T>{*p};
#endif
}
template <class T>
inline void store_first(T* p, Vec<T> v, Index n) {
#if BACKPROVE_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 8)
    _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << n) - 1), v);
  else
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#else
  T room[lanes_of<T>];
  store<T>(room, v);
  for (Index i = 0; i < n; ++i) p[i] = room[i];
#endif
}

/// The first n of the lanes, n > 0, by the shorter way where these are all.
template <class T>
BACKPROVE_INLINE Vec<T> load_part(const T* p, Index n) {
  return n >= lanes_of<T> ? load<T>(p) : load_first<T>(p, n);
}
template <class T>
BACKPROVE_INLINE void store_part(T* p, Vec<T> v, Index n) {
  n >= lanes_of<T> ? store<T>(p, v) : store_first<T>(p, v, n);
}

// Not those of the standard library: a unit of an instruction set shares no function with other units.
inline Index smaller(Index a, Index b) { return a < b ? a : b; }
inline Index larger(Index a, Index b) { return a > b ? a : b; }
/// The address so many numbers behind p, to be asked for: it may lie beyond the array, where no pointer may point.
template <class T>
BACKPROVE_INLINE std::uintptr_t address_behind(const T* p, Index numbers) {
  return reinterpret_cast<std::uintptr_t>(p) + static_cast<std::uintptr_t>(numbers) * sizeof(T);
}
/// Asks for the line of an address, for the second cache or (`near`) the first; nothing is read.
template <bool near = false>
BACKPROVE_INLINE void ask_for(std::uintptr_t address) {
  __builtin_prefetch(reinterpret_cast<const void*>(address), 0, near ? 3 : 2);  // NOLINT(performance-no-int-to-ptr)
}
/// Parts of at most `most` that n things make.
inline Index parts_of(Index n, Index most) { return (n + most - 1) / most; }

/// a b + c: rounded once where the instruction set can, else twice.
inline Vec<double> multiply_add(Vec<double> a, Vec<double> b, Vec<double> c) {
#if BACKPROVE_VECTOR_BYTES == 64
  return _mm512_fmadd_pd(a, b, c);
#elif BACKPROVE_VECTOR_BYTES == 32
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}
inline Vec<float> multiply_add(Vec<float> a, Vec<float> b, Vec<float> c) {
#if BACKPROVE_VECTOR_BYTES == 64
  return _mm512_fmadd_ps(a, b, c);
#elif BACKPROVE_VECTOR_BYTES == 32
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

/// c - a b, likewise.
template <class T>
inline Vec<T> subtract_product(Vec<T> a, Vec<T> b, Vec<T> c) {
#if BACKPROVE_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 8)
    return _mm512_fnmadd_pd(a, b, c);
  else
    return _mm512_fnmadd_ps(a, b, c);
#elif BACKPROVE_VECTOR_BYTES == 32
  if constexpr (sizeof(T) == 8)
    return _mm256_fnmadd_pd(a, b, c);
  else
    return _mm256_fnmadd_ps(a, b, c);
#else
  return c - a * b;
#endif
}

template <class T>
inline Vec<T> magnitude(Vec<T> x) {
  return reinterpret_cast<Vec<T>>(reinterpret_cast<Whole<T>>(x) & ~reinterpret_cast<Whole<T>>(all<T>(T(-0.0))));
}
/// The magnitude of x with the sign of s; x must not be negative.
template <class T>
inline Vec<T> with_sign_of(Vec<T> x, Vec<T> s) {
  return reinterpret_cast<Vec<T>>(reinterpret_cast<Whole<T>>(x) |
                                  (reinterpret_cast<Whole<T>>(s) ^ reinterpret_cast<Whole<T>>(magnitude<T>(s))));
}
/// The smaller (larger) of x and the bound; NaN stays NaN: the instructions give the second number unless the first is
/// smaller (larger), while the compiler would turn a comparison with a constant round and select by a mask.
template <class T>
inline Vec<T> at_most(Vec<T> x, T bound) {
#if BACKPROVE_VECTOR_BYTES == 64  // maskz: GCC 12 warns of the plain one's undefined lanes
  if constexpr (sizeof(T) == 8)
    return _mm512_maskz_min_pd(static_cast<__mmask8>(-1), all<T>(bound), x);
  else
    return _mm512_maskz_min_ps(static_cast<__mmask16>(-1), all<T>(bound), x);
#elif BACKPROVE_VECTOR_BYTES == 32
  if constexpr (sizeof(T) == 8)
    return _mm256_min_pd(all<T>(bound), x);
  else
    return _mm256_min_ps(all<T>(bound), x);
#else
  return x > all<T>(bound) ? all<T>(bound) : x;
#endif
}
template <class T>
inline Vec<T> at_least(Vec<T> x, T bound) {
#if BACKPROVE_VECTOR_BYTES == 64
  if constexpr (sizeof(T) == 8)
    return _mm512_maskz_max_pd(static_cast<__mmask8>(-1), all<T>(bound), x);
  else
    return _mm512_maskz_max_ps(static_cast<__mmask16>(-1), all<T>(bound), x);
#elif BACKPROVE_VECTOR_BYTES == 32
  if constexpr (sizeof(T) == 8)
    return _mm256_max_pd(all<T>(bound), x);
  else
    return _mm256_max_ps(all<T>(bound), x);
#else
  return x < all<T>(bound) ? all<T>(bound) : x;
#endif
}

template <class T>
using every_lane = std::make_integer_sequence<int, static_cast<int>(lanes_of<T>)>;
/// The lanes of a and b in blocks of `far`: of every two blocks the lower ones, b's behind a's.
template <class T, int far, int... i>
BACKPROVE_INLINE Vec<T> lower_blocks(Vec<T> a, Vec<T> b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, ((i & far) ? static_cast<int>(lanes_of<T>) + i - far : i)...);
}
/// The upper ones.
template <class T, int far, int... i>
BACKPROVE_INLINE Vec<T> upper_blocks(Vec<T> a, Vec<T> b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, ((i & far) ? static_cast<int>(lanes_of<T>) + i : i + far)...);
}

/// Lane j of the result is the sum of the lanes of v[j], halves added to halves; overwrites v.
template <class T, int far = static_cast<int>(lanes_of<T> / 2)>
BACKPROVE_INLINE Vec<T> sums_of_lanes(Vec<T>* v) {
#pragma GCC unroll 16
  for (int j = 0; j < far; ++j)
    v[j] = lower_blocks<T, far>(v[j], v[j + far], every_lane<T>()) +
           upper_blocks<T, far>(v[j], v[j + far], every_lane<T>());
  if constexpr (far > 1)
    return sums_of_lanes<T, far / 2>(v);
  else
    return v[0];
}
/// The same sum of one vector.
template <class T, int far = static_cast<int>(lanes_of<T> / 2)>
BACKPROVE_INLINE T sum_lanes(Vec<T> v) {
  v += upper_blocks<T, far>(v, v, every_lane<T>());
  if constexpr (far > 1)
    return sum_lanes<T, far / 2>(v);
  else
    return v[0];
}

}  // namespace backprove::BACKPROVE_ISA
