#pragma once

#include <string_view>

#include "core/kernels/sweep_by.hpp"
#include "core/types.hpp"

/// What one instruction set offers to the fused sweep, as plain functions on plain arrays.
///
/// Sample-fast layout: a batch is cut into panels of `width` samples (the last one padded); the number of feature k and
/// sample s of panel p lies at ((p n + k) width + s), so that a feature's numbers for a panel are neighbours and fill
/// whole vectors. Pads hold numbers that nobody adds to anything.
namespace backprove {

/// Sums that a number of one sample's x_bar = W g is added up in: a sum waits for the one before.
inline constexpr int column_chains = 4;

/// The columns of W that one of these sums takes: `count` of them, `step` apart. Always inlined: a function of its own
/// might be one that was compiled for another instruction set.
struct ColumnChain {
  Index first = 0, step = 1, count = 0;

  /// Whether they are neighbours, a quarter of all: then threads can add up columns that they alone read.
  [[gnu::always_inline]] static bool neighbours(Index columns, Index lanes) { return columns >= 8 * lanes; }
  [[gnu::always_inline]] static ColumnChain of(int c, Index columns, Index lanes) {
    if (!neighbours(columns, lanes)) return {c, column_chains, (columns - c + column_chains - 1) / column_chains};
    const Index vectors = (columns + lanes - 1) / lanes, first = vectors * c / column_chains * lanes;
    const Index end = vectors * (c + 1) / column_chains * lanes;
    return {first, 1, (end < columns ? end : columns) - first};
  }
};

/// One sample: an affine layer (W is n_in x n_out at `offset` of the parameters, column by column, the bias behind it)
/// whose features fit into one vector on both sides, and an elementwise layer behind it.
template <class T>
struct ChainStep {
  Index offset, n_in, n_out;
  T *x, *z, *y;      ///< as in FusedBuffers::Kept
  const T* z_below;  ///< of the step below
};

/// y = f(x) and out = g f'(x), entry by entry, on arrays of n numbers; in place where pointers are equal. The slopes
/// read y alone where `reads_x` is false.
template <class T>
struct ArrayRule {
  std::string_view name;  ///< of the layer
  void (*value)(const T* x, T* y, Index n);
  void (*pull)(SweepBy by, const T* g, const T* x, const T* y, T* out, Index n);
  bool reads_x;
  // One sample: an affine layer (W is n_in x n_out, column by column) together with the rule, by the operations of
  // Primitives::dot_columns and combine_columns; nullptr where the rule has no version of its own. Vectors have room
  // for whole ones of the instruction set's, and what x holds behind its end is finite.
  // The second of two is as in Primitives.
  /// z(j) = bias(j) + sum over i of W(i, j) x(i) unless z is nullptr, y = f(z), j in [from, to).
  void (*affine_of_one[2])(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* z, T* y);
  /// x_bar(i) = (sum over j of W(i, j) g(j)) times the slope at (x, y), i in [from, to).
  void (*pull_of_one[2])(SweepBy by, const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, const T* x,
                         const T* y, T* x_bar);
  /// `count` steps of this rule, one after the other, the first one's x being there.
  void (*forward_chain)(const ChainStep<T>* steps, Index count, const T* theta);
  /// The parameter gradients of `count` steps, each above one of this rule, from the last to the first; g_above is the
  /// cotangent by the last affine layer's output, and `to` that by what the rule below the first is applied to.
  void (*backward_chain)(SweepBy by, const ChainStep<T>* steps, Index count, const T* theta, T* theta_bar,
                         const T* g_above, T* to);
};

/// C = A B (+ bias), tile by tile. A's rows are the vectors' lanes: C(r, j) = bias(j) + sum over k of A(r, k) B(k, j),
/// added in the order of k, each step one fused multiplication and addition (or, without such an instruction, a
/// multiplication and an addition).
template <class T>
struct Multiply {
  // A: panels of `vectors` vectors; number (r, k) of panel p at a[p a_panel + k a_step + r], all of them readable.
  const T* a;
  Index a_panel, a_step, panels, vectors;
  // B: number (k, j) at b[(k / segment) b_segment + (k % segment) b_k + j b_j]; where b_k is not 1, b_j must be.
  const T* b;
  Index inner, segment, b_segment, b_k, b_j;
  Index from, to;           ///< the columns j to compute
  const T* bias = nullptr;  ///< or nullptr: 0
  bool adds = false;        ///< to what C holds
  // C: number (r, j) of panel p at c[p c_panel + j c_j + r]; the last panel has `last_rows` rows.
  T* c;
  Index c_panel, c_j, last_rows;
  // What is done to a tile of C at once; only where a panel's columns are neighbours (c_j = vectors x lanes).
  const ArrayRule<T>* value = nullptr;  ///< value_to = f(C), or nullptr
  T* value_to = nullptr;                ///< has C's layout, and may be C
  const ArrayRule<T>* pull = nullptr;   ///< C = C f'(x) as `by` has it, or nullptr; x and y have C's layout
  SweepBy by = SweepBy::reverse_rules;
  const T *x = nullptr, *y = nullptr;
};

/// An elementary function of n numbers, its domain and its largest error there in ulp: at most what
/// core/scalars/arithmetic.hpp allows, since rounding bounds rest on that.
template <class T>
struct ArrayFunction {
  std::string_view name;
  void (*apply)(const T* x, T* y, Index n);
  T low, high;
  double ulp;
};

/// W_bar(i, j) (+)= sum over the samples [begin, end) of x(i) g(j), j in [from, to), with x and g in sample-fast
/// layout.
template <class T>
struct SampleSums {
  const T *x, *g;
  Index width, n_in, n_out, begin, end, from, to;  ///< begin is a multiple of the lanes
  bool adds;
  T* w_bar;
};

template <class T>
struct Primitives {
  Index lanes;         ///< numbers in a vector
  Index most_vectors;  ///< that a panel should have
  Index few;           ///< features that enter a layer up to which sum_products beats a transposed multiply; measured
  void (*multiply)(const Multiply<T>&);
  /// to[(i / to_width) to_panel + s to_width + i % to_width] = from[i step + s] for i in [from_i, to_i) and s in
  /// [0, width); 0 for i from n on. from_i and to_width are multiples of `lanes`; to_i is rounded up to one.
  void (*transpose)(const T* from, Index step, Index width, Index n, Index from_i, Index to_i, T* to, Index to_width,
                    Index to_panel);
  /// out(j) (+)= sum over the samples [begin, end) of feature j, j in [from, to), in sample-fast layout; begin is a
  /// multiple of `lanes`.
  void (*sum_samples)(const T* g, Index width, Index n, Index begin, Index end, Index from, Index to, bool adds,
                      T* out);
  void (*sum_products)(const SampleSums<T>&);
  /// Softmax cross-entropy of one sample: returns its loss. z and g have room for whole vectors.
  T (*softmax_cross_entropy_of_one)(const T* z, Index n, Index target, T* g);
  /// Softmax cross-entropy of the vectors [from, to) of all panels: the loss of every sample (as `value` in
  /// core/losses/softmax_cross_entropy.hpp) to losses(s), and unless g is nullptr its gradient times 1/divisor to g,
  /// which has z's layout. classes(s) is the target of sample s; pads have 0.
  void (*softmax_cross_entropy)(const T* z, Index width, Index n, const int* classes, T divisor, Index from, Index to,
                                T* losses, T* g);
  // One sample: W is n_in x n_out, column by column; vectors as in ArrayRule. from is a multiple of `lanes`. The
  // second of every two is for weights that no cache holds together with their gradient: W is fetched ahead, and W_bar
  // is written past the caches. The bits are the same.
  /// y(j) = bias(j) + sum over i of W(i, j) x(i), j in [from, to).
  void (*dot_columns[2])(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* y);
  /// x_bar(i) = sum over j of W(i, j) g(j), i in [from, to).
  void (*combine_columns[2])(const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, T* x_bar);
  /// Where the columns of a sum are neighbours: what part `part` of 2 or 4 of the columns has for x_bar, all of it.
  void (*combine_part[2])(const T* w, Index n_in, Index n_out, int part, int parts, const T* g, T* sums);
  /// x_bar(i) from all parts, which lie `room` apart, i in [from, to): as combine_columns has it.
  void (*add_parts)(const T* sums, Index room, int parts, Index from, Index to, T* x_bar);
  /// W_bar(i, j) = x(i) g(j), j in [from, to).
  void (*outer[2])(const T* x, const T* g, Index n_in, Index from, Index to, T* w_bar);
  /// Rules that have a version of their own here; others are applied number by number.
  const ArrayRule<T>* rules;
  Index rule_count;
  const ArrayFunction<T>* functions;
  Index function_count;
};

}  // namespace backprove
