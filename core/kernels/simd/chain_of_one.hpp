#pragma once

#include "core/kernels/primitives.hpp"
#include "core/kernels/simd/one_sample.hpp"

/// Layers of one sample whose features fit into one vector: what passes from layer to layer stays in a register. The
/// operations are those of one_sample.hpp.
namespace backprove::BACKPROVE_ISA {

/// Lane `lane` of v in all lanes.
template <class T, int lane, int... i>
BACKPROVE_INLINE Vec<T> spread(Vec<T> v, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(v, v, (lane + 0 * i)...);
}

/// The slope whose formula `by` names; x is y where the rule does not read it.
template <class T, class Rule>
BACKPROVE_INLINE Vec<T> slope_by(SweepBy by, Vec<T> x, Vec<T> y) {
  return by == SweepBy::jacobians ? Rule::template slope<T>(x, y) : Rule::template reverse_slope<T>(x, y);
}

template <class T, class Rule>
void forward_chain(const ChainStep<T>* steps, Index count, const T* theta) {
  constexpr int lanes = static_cast<int>(lanes_of<T>);
  Vec<T> x = load<T>(steps->x);
  for (const ChainStep<T>* s = steps; s < steps + count; ++s) {
    const T* w = theta + s->offset;
    const T* bias = w + s->n_in * s->n_out;
    Vec<T> sum[lanes];
#pragma GCC unroll 16
    for (int j = 0; j < lanes; ++j)
      sum[j] =
          j < s->n_out ? multiply_add(load_part<T>(w + j * s->n_in, s->n_in), x, first_lane<T>(bias + j)) : Vec<T>{};
    const Vec<T> z = sums_of_lanes<T>(sum);
    x = Rule::template value<T>(z);
    if (s->z) store<T>(s->z, z);
    store<T>(s->y, x);
  }
}

/// Column j's part of W_bar and W g, then those of the columns behind it.
template <class T, int j = 0>
BACKPROVE_INLINE void backward_columns(const ChainStep<T>& s, const T* w, T* w_bar, Vec<T> x, Vec<T> g, Vec<T>* sum) {
  if constexpr (j < static_cast<int>(lanes_of<T>)) {
    if (j >= s.n_out) return;
    const Vec<T> factor = spread<T, j>(g, every_lane<T>());
    store_part<T>(w_bar + j * s.n_in, x * factor, s.n_in);
    sum[j % column_chains] = multiply_add(load_part<T>(w + j * s.n_in, s.n_in), factor, sum[j % column_chains]);
    backward_columns<T, j + 1>(s, w, w_bar, x, g, sum);
  }
}

template <class T, class Rule>
void backward_chain(SweepBy by, const ChainStep<T>* steps, Index count, const T* theta, T* theta_bar, const T* g_above,
                    T* to) {
  Vec<T> g = load<T>(g_above);
  for (const ChainStep<T>* s = steps + count; s-- > steps;) {
    T* w_bar = theta_bar + s->offset;
    const Vec<T> x = load<T>(s->x);
    Vec<T> sum[column_chains] = {};
    backward_columns<T>(*s, theta + s->offset, w_bar, x, g, sum);
    store_part<T>(w_bar + s->n_in * s->n_out, g, s->n_out);
    const Vec<T> slope = slope_by<T, Rule>(by, Rule::reads_x ? load<T>(s->z_below) : x, x);
    g = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * slope;
  }
  store<T>(to, g);
}

}  // namespace backprove::BACKPROVE_ISA
