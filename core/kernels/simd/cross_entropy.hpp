#pragma once

#include "core/kernels/simd/functions.hpp"

/// The loss, in sample-fast layout and of one sample.
namespace backprove::BACKPROVE_ISA {

/// The larger one of every lane; NaN where either is.
template <class T>
inline Vec<T> largest(Vec<T> a, Vec<T> b) {
  return ((b > a) | (b != b)) ? b : a;
}
/// The same of all lanes.
template <class T, int far = static_cast<int>(lanes_of<T> / 2)>
inline T largest_lane(Vec<T> v) {
  v = largest<T>(v, upper_blocks<T, far>(v, v, every_lane<T>()));
  if constexpr (far > 1)
    return largest_lane<T, far / 2>(v);
  else
    return v[0];
}
template <class T, int... i>
inline Whole<T> lane_numbers(std::integer_sequence<int, i...>) {
  return Whole<T>{i...};
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
    for (Index i = 1; i < n; ++i) shift = largest<T>(shift, load<T>(column + i * width));
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
    const Vec<T> factor = 1 / (sum * divisor);  // a division for every class would take longer than its exponential
    for (Index i = 0; i < n; ++i) {
      const Whole<T> is_target = target == (Whole<T>{} + static_cast<int>(i));
      const Vec<T> e = load<T>(g + at + i * width);
      store<T>(g + at + i * width, (is_target ? -rest : e) * factor);
    }
  }
}

template <class T>
T softmax_cross_entropy_of_one(const T* z, Index n, Index target, T* g) {
  constexpr Index lanes = lanes_of<T>;
  using Number = std::decay_t<decltype(Whole<T>{}[0])>;
  const Whole<T> lane = lane_numbers<T>(every_lane<T>());
  const auto below = [&](Index end) { return lane < (Whole<T>{} + static_cast<Number>(end)); };
  const auto is_target = [&](Index i) { return lane == (Whole<T>{} + static_cast<Number>(target - i)); };
  Vec<T> most = all<T>(z[0]);
  for (Index i = 0; i < n; i += lanes) most = largest<T>(most, below(n - i) ? load<T>(z + i) : most);
  const T shift = largest_lane<T>(most);
  // The sum without the target's class, as above.
  Vec<T> rest = {}, own = {};
  for (Index i = 0; i < n; i += lanes) {
    const Vec<T> e = exp<T>(load<T>(z + i) - shift);
    rest += below(n - i) & ~is_target(i) ? e : Vec<T>{};
    own = is_target(i) ? e : own;
    if (g) store<T>(g + i, e);
  }
  const T others = sum_lanes<T>(rest), sum = others + sum_lanes<T>(own);
  const Vec<T> factor = 1 / all<T>(sum);
  for (Index i = 0; g && i < n; i += lanes) store<T>(g + i, (is_target(i) ? all<T>(-others) : load<T>(g + i)) * factor);
  return log_from_one<T>(all<T>(sum))[0] - (z[target] - shift);
}

}  // namespace backprove::BACKPROVE_ISA
