#pragma once

#include "core/kernels/simd/functions.hpp"

/// Sums over the samples, and the loss, in sample-fast layout.
namespace backprove::BACKPROVE_ISA {

template <class T>
void sum_samples(const T* g, Index width, Index n, Index batch, Index from, Index to, bool adds, T* out) {
  constexpr Index lanes = lanes_of<T>;
  for (Index j = from; j < to; ++j) {
    Vec<T> sum = {};
    Index left = batch;
    for (const T* panel = g + j * width; left > 0; panel += n * width)
      for (Index s = 0; s < width && left > 0; s += lanes, left -= lanes)
        sum += left >= lanes ? load<T>(panel + s) : load_first<T>(panel + s, left);
    out[j] = adds ? sum_lanes<T>(sum) + out[j] : sum_lanes<T>(sum);
  }
}

template <class T>
void softmax_cross_entropy(const T* z, Index width, Index n, const int* classes, T divisor, Index from, Index to,
                           T* losses, T* g) {
  constexpr Index lanes = lanes_of<T>;
  const Index of_panel = width / lanes;
  for (Index one = from; one < to; ++one) {
    const Index at = one / of_panel * n * width + one % of_panel * lanes;
    const T* column = z + at;
    Vec<T> shift = load<T>(column);
    for (Index i = 1; i < n; ++i) {
      const Vec<T> x = load<T>(column + i * width);
      shift = ((x > shift) | (x != x)) ? x : shift;
    }
    // The sum without the target's class, so that the target's own derivative keeps its digits where it is likely.
    Vec<T> rest = {}, own = {}, of_target = {};
    Whole<T> target;
    for (Index lane = 0; lane < lanes; ++lane) target[lane] = classes[one * lanes + lane];
    for (Index i = 0; i < n; ++i) {
      const Vec<T> x = load<T>(column + i * width) - shift, e = exp<T>(x);
      const Whole<T> is_target = target == (Whole<T>{} + static_cast<int>(i));
      rest += is_target ? Vec<T>{} : e;
      own = is_target ? e : own;
      of_target = is_target ? x : of_target;
      if (g) store<T>(g + at + i * width, e);
    }
    const Vec<T> sum = rest + own;
    store<T>(losses + one * lanes, log_from_one<T>(sum) - of_target);
    if (!g) continue;
    for (Index i = 0; i < n; ++i) {
      const Whole<T> is_target = target == (Whole<T>{} + static_cast<int>(i));
      const Vec<T> e = load<T>(g + at + i * width);
      store<T>(g + at + i * width, (is_target ? -rest : e) / (sum * divisor));
    }
  }
}

template <class T>
T softmax_cross_entropy_of_one(const T* z, Index n, Index target, T* g) {
  constexpr Index lanes = lanes_of<T>;
  T shift = z[0];
  for (Index i = 1; i < n; ++i) shift = z[i] > shift || z[i] != z[i] ? z[i] : shift;
  T rest = 0, own = 0;
  for (Index i = 0; i < n; i += lanes) {
    T room[lanes];
    const Index here = smaller(lanes, n - i);
    store<T>(room, exp<T>(load_first<T>(z + i, here) - shift));
    if (target >= i && target < i + here) {
      own = room[target - i];
      room[target - i] = 0;
    }
    for (Index k = 0; k < here; ++k) rest += room[k];
    for (Index k = 0; g && k < here; ++k) g[i + k] = room[k];
  }
  const T sum = rest + own;
  if (g) {
    g[target] = -rest;
    for (Index i = 0; i < n; ++i) g[i] /= sum;
  }
  return log_from_one<T>(all<T>(sum))[0] - (z[target] - shift);
}

}  // namespace backprove::BACKPROVE_ISA
