#pragma once

#include "core/kernels/simd/vector.hpp"

/// Elementary functions of all lanes at once. Their domains and largest errors stand in
/// core/kernels/simd/primitives.hpp.
namespace backprove::BACKPROVE_ISA {

/// (e^r - 1 - r)/r^2 on |r| <= 0.347, highest power first: interpolated between Chebyshev nodes with 40 digits; off by
/// at most 1.5e-18 (double) and 1.5e-9 (float), which are 3e-18 and 1e-8 in units of e^r - 1 over r.
template <class T>
inline constexpr double expm1_tail[1] = {};
template <>
inline constexpr double expm1_tail<double>[11] = {0x1.1f7340dbc337ep-29,
                                                  0x1.af4e554377204p-26,
                                                  0x1.27e4db46cddd1p-22,
                                                  0x1.71de01fdbf9cap-19,
                                                  0x1.a01a01a6e1e2ap-16,
                                                  0x1.a01a01abf85abp-13,
                                                  0x1.6c16c16c162c3p-10,
                                                  0x1.11111111100bep-7,
                                                  0x1.5555555555556p-5,
                                                  0x1.5555555555557p-3,
                                                  0x1.0p-1};
template <>
inline constexpr double expm1_tail<float>[6] = {0.00019891080464, 0.00139337307158, 0.00833331084465,
                                                0.0416664641974,  0.166666666817,   0.500000001354};

/// ln 2 in two parts; the product of the first with a whole number below 2^11 (double) or 2^9 (float) is exact.
template <class T>
inline constexpr T ln2_high = static_cast<T>(sizeof(T) == 8 ? 0x1.62e42fefa3000p-1 : 0x1.62e0000000000p-1);
template <class T>
inline constexpr T ln2_low = static_cast<T>(sizeof(T) == 8 ? 0x1.3de6af278ece6p-42 : 0x1.0bfbe8e7bcd5ep-15);

/// c[0] x^(n-1) + ... + c[n-1], by halves: a chain of n steps would wait for each of them.
template <class T, int n>
BACKPROVE_INLINE Vec<T> polynomial(const double* c, Vec<T> x) {
  constexpr int low = n > 8 ? 8 : n > 4 ? 4 : n > 2 ? 2 : 1;
  if constexpr (n == 1) {
    return all<T>(static_cast<T>(c[0]));
  } else {
    Vec<T> power = x;
#pragma GCC unroll 4
    for (int k = 1; k < low; k *= 2) power = power * power;
    return multiply_add(polynomial<T, n - low>(c, x), power, polynomial<T, low>(c + n - low, x));
  }
}

/// factor x = k ln 2 + r + rest with |r| <= 0.347, rest what r has lost by rounding, tail = (e^r - 1 - r)/r^2.
template <class T>
struct Reduced {
  Vec<T> k, r, rest, tail;
  Whole<T> whole_k;
};

/// factor is a power of two.
template <class T, int factor = 1>
BACKPROVE_INLINE Reduced<T> reduced(Vec<T> x) {
  // Adding 1.5 x 2^digits leaves the nearest whole number in the last places.
  constexpr T shift = static_cast<T>(1.5) * static_cast<T>(std::int64_t{1} << VectorOf<T>::digits);
  const Vec<T> shifted = multiply_add(x, all<T>(static_cast<T>(factor * 1.442695040888963407)), all<T>(shift));
  Reduced<T> out;
  out.k = shifted - shift;
  out.whole_k = reinterpret_cast<Whole<T>>(shifted) - reinterpret_cast<Whole<T>>(all<T>(shift));
  const Vec<T> high = subtract_product<T>(out.k, all<T>(ln2_high<T>), x * T(factor));
  out.r = subtract_product<T>(out.k, all<T>(ln2_low<T>), high);
  out.rest = subtract_product<T>(out.k, all<T>(ln2_low<T>), high - out.r);
  out.tail = polynomial < T, sizeof(T) == 8 ? 11 : 6 > (expm1_tail<T>, out.r);
  return out;
}

/// 2^k for whole k of normal numbers.
template <class T>
BACKPROVE_INLINE Vec<T> power_of_two(Whole<T> k) {
  return reinterpret_cast<Vec<T>>((k + VectorOf<T>::exponent_bias) << VectorOf<T>::digits);
}

/// x 2^k, rounded once where it is subnormal.
template <class T>
BACKPROVE_INLINE Vec<T> times_power_of_two(Vec<T> x, const Reduced<T>& part) {
#if BACKPROVE_VECTOR_BYTES == 64  // maskz: as in at_most
  if constexpr (sizeof(T) == 8)
    return _mm512_maskz_scalef_pd(static_cast<__mmask8>(-1), x, part.k);
  else
    return _mm512_maskz_scalef_ps(static_cast<__mmask16>(-1), x, part.k);
#else
  // In two steps, since 2^k alone may lie outside the range of normal numbers.
  const Whole<T> half = part.whole_k >> 1;
  return x * power_of_two<T>(half) * power_of_two<T>(part.whole_k - half);
#endif
}

/// e^x. NaN stays NaN; from the largest argument on infinity, from the smallest on 0, subnormal numbers between.
template <class T>
BACKPROVE_INLINE Vec<T> exp(Vec<T> x) {
  constexpr T largest = sizeof(T) == 8 ? T(709.79) : T(88.73), smallest = sizeof(T) == 8 ? T(-745.2) : T(-104.0);
  const Reduced<T> part = reduced<T>(at_least<T>(at_most<T>(x, largest), smallest));
  const Vec<T> expm1_r = part.r + multiply_add(part.r * part.r, part.tail, part.rest);
  return times_power_of_two<T>(1 + expm1_r, part);
}

/// tanh x = e/(e + 2) with e = e^(2|x|) - 1 = 2^k (e^r - 1) + (2^k - 1), with the sign of x.
template <class T>
BACKPROVE_INLINE Vec<T> tanh(Vec<T> x) {
  constexpr T saturated = sizeof(T) == 8 ? T(22) : T(10);  // tanh is 1 from 19.1 and 9.02 on
  const Vec<T> size = magnitude<T>(x);
  const Reduced<T> part = reduced<T, 2>(at_most<T>(size, saturated));
  const Vec<T> scale = power_of_two<T>(part.whole_k);
  // Scale times r and what does not wait for the tail first: this chain is what a layer of one sample waits for.
  const Vec<T> start = multiply_add(scale, part.rest, multiply_add(scale, part.r, scale - 1));
  const Vec<T> e = multiply_add(scale * part.r * part.r, part.tail, start);
  // Where doubling and halving would lose subnormal digits, tanh x is x.
  constexpr T tiny = sizeof(T) == 8 ? T(0x1p-28) : T(0x1p-13);
  return with_sign_of<T>(size < all<T>(tiny) ? size : e / (e + 2), x);
}

/// (2 artanh s - 2 s)/s^3 in powers of s^2, highest first: 2/23 ... 2/3.
inline constexpr double artanh_tail[11] = {2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                           2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3};

/// log x for x >= 1, also infinite: x = 2^k m with m in [1/sqrt 2, sqrt 2], log m = 2 artanh s, s = (m - 1)/(m + 1).
template <class T>
BACKPROVE_INLINE Vec<T> log_from_one(Vec<T> x) {
  constexpr T root = static_cast<T>(0.70710678118654752440);
  // The exponent of x / root; dividing the significand by a power of two is exact.
  const Whole<T> bits = reinterpret_cast<Whole<T>>(x);
  const Whole<T> root_bits = reinterpret_cast<Whole<T>>(all<T>(root));
  const Whole<T> whole_k = (bits - root_bits) >> VectorOf<T>::digits;
  const Vec<T> m = reinterpret_cast<Vec<T>>(bits - (whole_k << VectorOf<T>::digits));
  const Vec<T> k = __builtin_convertvector(whole_k, Vec<T>);
  const Vec<T> f = m - 1, s = f / (f + 2), s2 = s * s;
  constexpr int first = sizeof(T) == 8 ? 0 : 6;
  const Vec<T> tail = polynomial<T, 11 - first>(artanh_tail + first, s2);
  // 2 artanh s = f - s f + s^3 tail, and s f = half - s half: only small terms carry several roundings. What the sum
  // k ln 2 + f loses is added to them.
  const Vec<T> half = f * f * T(0.5), minus = half - s * (half + s2 * tail);
  const Vec<T> high = k * ln2_high<T>, sum = high + f, lost = f - (sum - high);
  const Vec<T> log = sum + (lost - (minus - k * ln2_low<T>));
  return x < all<T>(std::numeric_limits<T>::infinity()) ? log : x;
}

}  // namespace backprove::BACKPROVE_ISA
