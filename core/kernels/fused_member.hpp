#pragma once

#include <algorithm>
#include <utility>

#include "core/kernels/fused_buffers.hpp"
#include "core/kernels/fused_chains.hpp"
#include "core/meeting.hpp"

namespace backprove {

/// A piece of the samples and where its part of the gradient goes.
template <class T>
struct FusedPiece {
  Index begin, samples, panels;
  bool loss_alone;
  T *below, *above;  ///< all parameters' gradient, of layers below `split` and of the others
  Index split;       ///< offset of a layer's parameters
  bool adds;         ///< to what they hold
  T* input;          ///< n_0 x B of the whole batch, or nullptr
};

/// One thread's part of a sweep over one piece.
template <class T>
struct FusedMember {
  const FusedPlan<T>& plan;
  FusedBuffers<T>& own;
  FusedPiece<T> piece;
  SweepTrace<T>* trace;
  const FusedChains<T>* chains;  ///< of one sample on one thread that is not traced, or nullptr
  Meeting::Member* meeting;      ///< of a team, else nullptr
  int me, size;

  void sweep() const {
    forward();
    loss();
    if (!piece.loss_alone) backward();
    if (me == 0 && plan.softmax && !one_sample()) sum_losses();
  }

 private:
  struct Range {
    Index from, to;
  };
  const Network& network() const { return plan.problem.network; }
  Index width() const { return plan.panels.width; }
  Index panels() const { return piece.panels; }
  bool one_sample() const { return plan.batch == 1; }
  bool by_panels() const { return panels() >= size && !one_sample(); }
  bool by_parts(Index l) const { return plan.step(l).by_parts(plan.batch, size, plan.fast.lanes); }
  void wait() const {
    if (size > 1) meeting->meet();
  }
  /// Calls f(begin, end) for the samples of every piece that is swept here.
  template <class F>
  void each_sum(F&& f) const {
    const Index most = plan.pieces.samples;
    for (Index begin = 0; begin < piece.samples; begin += most) f(begin, std::min(piece.samples, begin + most));
  }
  /// This member's part of n things, in whole units.
  Range share(Index n, Index unit = 1) const {
    if (size == 1) return {0, n};  // divisions would take longer than a small layer
    const Index units = (n + unit - 1) / unit;
    return {std::min(n, units * me / size * unit), std::min(n, units * (me + 1) / size * unit)};
  }
  Range own_panels() const { return by_panels() ? share(panels()) : Range{0, panels()}; }
  /// One sample's features are written in whole vectors.
  Range own_columns(Index n) const { return by_panels() ? Range{0, n} : share(n, one_sample() ? plan.fast.lanes : 1); }
  /// Does f once, for everybody.
  template <class F>
  void once(F&& f) const {
    wait();
    if (me == 0) f();
    wait();
  }

  /// The samples into panels; one alone is there before the team starts.
  void gather() const {
    if (one_sample()) return;
    const Index n = network().inputs();
    const T* x = plan.problem.x.data() + piece.begin * n;
    T* to = own.step(0).x;
    const Range p = by_panels() ? share(panels()) : Range{0, me == 0 ? panels() : 0};
    if (p.to > p.from)
      plan.fast.transpose(x, n, n, piece.samples, p.from * width(), p.to * width(), to, width(), n * width());
    if (!by_panels()) wait();
  }

  /// The numbers of `n` features that this member computes: pieces of neighbours.
  template <class F>
  void neighbours(Index n, F&& f) const {
    const Range p = own_panels(), j = own_columns(n);
    for (Index one = p.from; one < p.to; ++one) f((one * n + j.from) * width(), (j.to - j.from) * width());
  }

  /// All fields are named, here and below: clearing them first would take as long as a small product.
  Multiply<T> product(const T* a, Index n_a, T* c, Index n_c, Range p, Range j) const {
    return {.a = a + p.from * n_a * width(),
            .a_panel = n_a * width(),
            .a_step = width(),
            .panels = p.to - p.from,
            .vectors = plan.panels.vectors,
            .b = nullptr,
            .inner = n_a,
            .segment = n_a,
            .b_segment = 0,
            .b_k = 1,
            .b_j = 1,
            .from = j.from,
            .to = j.to,
            .c = c + p.from * n_c * width(),
            .c_panel = n_c * width(),
            .c_j = width(),
            .last_rows = width()};
  }

  void forward() const {
    gather();
    for (Index l = 0; l <= plan.last(); ++l) {
      if (chains) l = chains->forward(l);
      if (l > plan.last()) break;
      const FusedStep<T>& s = plan.step(l);
      const auto& kept = own.step(l);
      T* z = kept.z ? kept.z : kept.y;
      if (s.has_affine()) affine(l, z, s.rule && !trace ? s.rule : nullptr);
      if (trace && s.has_affine()) once([&] { note(trace->entered, s.affine + 1, z, s.n_out); });
      if (s.rule && (trace || !s.has_affine())) neighbours(s.n_out, [&](Index at, Index n) { apply(l, z, at, n); });
      if (trace && s.rule) once([&] { note(trace->entered, s.elementwise + 1, kept.y, s.n_out); });
      if (!by_panels()) wait();
    }
  }

  /// y = f(z).
  void apply(Index l, const T* z, Index at, Index n) const { plan.step(l).rule->value(z + at, own.step(l).y + at, n); }

  /// z = W^T x + b, and y = f(z) where a rule is given.
  void affine(Index l, T* z, const ArrayRule<T>* rule) const {
    const FusedStep<T>& s = plan.step(l);
    const auto& kept = own.step(l);
    const T* weight = plan.problem.theta.data() + s.offset;
    const T* bias = weight + s.n_in * s.n_out;
    const Range j = own_columns(s.n_out);
    if (one_sample()) {
      if (rule && rule->affine_of_one[plan.far])
        return rule->affine_of_one[plan.far](weight, s.n_in, j.from, j.to, kept.x, bias, kept.z, kept.y);
      plan.fast.dot_columns[plan.far](weight, s.n_in, j.from, j.to, kept.x, bias, z);
      if (rule) apply(l, z, j.from, j.to - j.from);
      return;
    }
    const Range p = own_panels();
    Multiply<T> m = product(kept.x, s.n_in, z, s.n_out, p, j);
    m.b = weight;
    m.b_k = 1;
    m.b_j = s.n_in;
    m.bias = bias;
    m.value = rule;
    m.value_to = kept.y + p.from * s.n_out * width();
    plan.fast.multiply(m);
  }

  void loss() const {
    const FusedStep<T>& top = plan.step(plan.last());
    const T* y = own.step(plan.last()).y;
    T* g = piece.loss_alone ? nullptr : cotangent(plan.last());
    const int* classes = plan.classes.data() + piece.begin;
    if (!plan.softmax) {
      if (by_panels()) wait();
      if (me == 0) scattered_loss(y, g);
      return wait();
    }
    if (one_sample()) {
      const bool by_all = g && own_top();
      if (me == 0 || by_all) {
        const T value = plan.fast.softmax_cross_entropy_of_one(y, top.n_out, classes[0], g);
        if (me == 0) own.total = value;
      }
      if (!by_all) wait();
      return;
    }
    const Range p = own_panels();
    const Index each = plan.panels.vectors;
    const Range v = by_panels() ? Range{p.from * each, p.to * each} : share(panels() * each);
    const bool mean = plan.problem.loss.reduction == Reduction::mean;
    plan.fast.softmax_cross_entropy(y, width(), top.n_out, classes, mean ? static_cast<T>(plan.batch) : T(1), v.from,
                                    v.to, own.losses, g);
    // Its own samples' cotangents are all that a member by panels goes on with; the losses wait for a later meeting.
    if (!by_panels() || !g || plan.last() < plan.lowest) wait();
  }
  void sum_losses() const {
    own.total = T(0);
    each_sum([&](Index begin, Index end) {
      T sum = own.losses[begin];
      for (Index s = begin + 1; s < end; ++s) sum += own.losses[s];
      own.total += sum;
    });
  }
  /// Any other loss by its own formulas.
  void scattered_loss(const T* y, T* g) const {
    const Index n = network().outputs(), targets = plan.problem.y.rows();
    const In<T> z(own.scattered_z, n, piece.samples);
    const In<double> target(plan.problem.y.data() + piece.begin * targets, targets, piece.samples);
    scatter(y, n, own.scattered_z);
    own.total = T(0);
    each_sum([&](Index begin, Index end) {
      own.total += plan.problem.loss.template sum<T>(In<T>(z.data() + begin * n, n, end - begin),
                                                     In<double>(target.data() + begin * targets, targets, end - begin));
    });
    if (!g) return;
    plan.problem.loss.template gradient<T>(z, target, plan.batch, Out<T>(own.scattered_g, n, piece.samples));
    for (Index s = 0; s < piece.samples; ++s)
      for (Index i = 0; i < n; ++i) g[(s / width() * n + i) * width() + s % width()] = own.scattered_g[s * n + i];
  }
  /// From panels to one sample after the other.
  void scatter(const T* from, Index n, T* to) const {
    for (Index s = 0; s < piece.samples; ++s)
      for (Index i = 0; i < n; ++i) to[s * n + i] = from[(s / width() * n + i) * width() + s % width()];
  }
  void note(std::vector<Matrix<T>>& list, Index place, const T* from, Index n) const {
    Matrix<T>& matrix = list[static_cast<std::size_t>(place)];
    matrix.resize(n, plan.batch);  // nothing is lost where another piece has been noted
    scatter(from, n, matrix.data() + piece.begin * n);
  }

  void backward() const {
    const Index top = plan.last();
    if (trace) once([&] { note(trace->cotangent, network().size(), cotangent(top), plan.step(top).n_out); });
    if (top < plan.lowest) return;
    pull(top);
    turn(top);
    if (!own_top()) wait();
    for (Index l = top; l >= plan.lowest; --l) {
      if (chains) l = chains->backward(l, piece.above, cotangent(l), [&](Index k) { return cotangent(k); });
      const bool ends = l == plan.lowest && !piece.input;
      // What the others go on with first, so that it is there when they have written their parameters' gradient.
      if (!ends) down(l);
      if (plan.step(l).has_affine()) parameters(l);
      if (ends) break;
      arrived(l);
    }
    const Index n = network().inputs();
    if (piece.input && me == 0) scatter(cotangent(-1), n, piece.input + piece.begin * n);
  }
  /// This member's part of cotangent(l - 1), or what it has for one sample's.
  void down(Index l) const {
    if (by_parts(l)) return part(l);
    if (one_sample()) return;  // its gradient is written first, while its cotangent is in the nearest cache
    input(l);
    if (l > plan.lowest) turn(l - 1);
    if (size > 1) meeting->arrive();
  }
  /// Until all of cotangent(l - 1) that this member goes on with is there.
  void arrived(Index l) const {
    if (!one_sample()) {
      if (size > 1) meeting->wait();
      return;
    }
    by_parts(l) ? input_of_parts(l) : input(l);
    if (l == plan.lowest || !by_parts(l - 1)) wait();
  }
  /// By the output of step l; below the first step lies the input's own.
  T* cotangent(Index l) const {
    // Where the parts of the top step's cotangent do not lie.
    if (l == plan.last() && own_top()) return own.parts[(l + 1) % 2] + me * plan.part_room();
    return own.cotangents[plan.place(l)];
  }
  /// Whether every member makes one sample's cotangent at the top for itself: less than a meeting.
  bool own_top() const { return one_sample() && plan.softmax && size > 1 && size <= plan.most_parts(); }

  /// cotangent(l), by the step's output, becomes that by what its rule is applied to.
  void pull(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    const auto& kept = own.step(l);
    T* g = cotangent(l);
    const auto by_rule = [&](Index at, Index n) {
      s.rule->pull(plan.by, g + at, kept.z ? kept.z + at : nullptr, kept.y + at, g + at, n);
    };
    if (s.rule) l == plan.last() && own_top() ? by_rule(0, s.n_out) : neighbours(s.n_out, by_rule);
    if (trace && s.rule) once([&] { note(trace->cotangent, s.elementwise, g, s.n_out); });
  }

  /// What enters step l with its features side by side, for the parameter gradient.
  void turn(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    if (!s.has_affine() || one_sample() || plan.lanes_are_samples(s)) return;
    const Panels cut = plan.cut(s);
    // Of its own samples all features, else its own features: what it has written itself.
    const Range own_part = own_panels(), i = by_panels() ? Range{0, s.n_in} : share(s.n_in, plan.fast.lanes);
    if (i.from == i.to) return;
    for (Index p = own_part.from; p < own_part.to; ++p)
      plan.fast.transpose(own.step(l).x + p * s.n_in * width(), width(), width(), s.n_in, i.from, i.to,
                          own.features[plan.place(l)] + p * width() * cut.width, cut.width,
                          plan.panels.padded() * cut.width);
  }

  /// W_bar = X G^T, b_bar = sum of the samples' g.
  void parameters(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    const T* g = cotangent(l);
    T* weight_bar = (s.offset < piece.split ? piece.below : piece.above) + s.offset;
    T* bias_bar = weight_bar + s.n_in * s.n_out;
    const Range j = by_parts(l) ? own_columns(s.n_out) : share(s.n_out);
    if (one_sample()) {
      plan.fast.outer[plan.far](own.step(l).x, g, s.n_in, j.from, j.to, weight_bar);
      std::copy(g + j.from, g + j.to, bias_bar + j.from);
      return;
    }
    each_sum([&](Index begin, Index end) {  // several only where lanes are samples
      const bool adds = piece.adds || begin > 0;
      plan.fast.sum_samples(g, width(), s.n_out, begin, end, j.from, j.to, adds, bias_bar);
      if (plan.lanes_are_samples(s))
        plan.fast.sum_products(
            {own.step(l).x, g, width(), s.n_in, s.n_out, begin, end, j.from, j.to, adds, weight_bar});
    });
    if (plan.lanes_are_samples(s)) return;
    const Panels cut = plan.cut(s);
    plan.fast.multiply({.a = own.features[plan.place(l)],
                        .a_panel = plan.panels.padded() * cut.width,
                        .a_step = cut.width,
                        .panels = cut.count,
                        .vectors = cut.vectors,
                        .b = g,
                        .inner = piece.samples,
                        .segment = width(),
                        .b_segment = s.n_out * width(),
                        .b_k = 1,
                        .b_j = width(),
                        .from = j.from,
                        .to = j.to,
                        .adds = piece.adds,
                        .c = weight_bar,
                        .c_panel = cut.width,
                        .c_j = s.n_in,
                        .last_rows = s.n_in - (cut.count - 1) * cut.width});
  }

  /// cotangent(l - 1): x_bar = W g, times the slope of the step below.
  void input(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    const ArrayRule<T>* rule = l > 0 && !trace ? plan.step(l - 1).rule : nullptr;
    T* to = cotangent(l - 1);
    if (!s.has_affine())
      neighbours(s.n_in, [&](Index at, Index n) { std::copy_n(cotangent(l) + at, n, to + at); });
    else if (one_sample())
      combine(l, cotangent(l), to, rule);
    else
      pull_back(l, cotangent(l), to, rule);
    if (trace && s.has_affine()) once([&] { note(trace->cotangent, s.affine, to, s.n_in); });
    if (l > 0 && (trace || !s.has_affine())) pull(l - 1);
  }
  /// What this member's columns have for cotangent(l - 1).
  void part(Index l) const {
    const FusedStep<T>& s = plan.step(l);
    plan.fast.combine_part[plan.far](plan.problem.theta.data() + s.offset, s.n_in, s.n_out, me, size, cotangent(l),
                                     own.parts[l % 2] + me * plan.part_room());
    meeting->arrive();
  }
  /// `input` for a step by parts. They lie in two places by turns: another member may still add up the last ones.
  void input_of_parts(Index l) const {
    const Range i = own_columns(plan.step(l).n_in);
    meeting->wait();
    plan.fast.add_parts(own.parts[l % 2], plan.part_room(), size, i.from, i.to, cotangent(l - 1));
    if (l > 0) pull(l - 1);
  }
  void combine(Index l, const T* g, T* to, const ArrayRule<T>* rule) const {
    const FusedStep<T>& s = plan.step(l);
    const T* weight = plan.problem.theta.data() + s.offset;
    const Range i = own_columns(s.n_in);
    if (rule && rule->pull_of_one[plan.far]) {
      const auto& below = own.step(l - 1);
      return rule->pull_of_one[plan.far](plan.by, weight, s.n_in, s.n_out, i.from, i.to, g, below.z, below.y, to);
    }
    plan.fast.combine_columns[plan.far](weight, s.n_in, s.n_out, i.from, i.to, g, to);
    if (rule) pull(l - 1);
  }
  void pull_back(Index l, const T* g, T* to, const ArrayRule<T>* rule) const {
    const FusedStep<T>& s = plan.step(l);
    const Range p = own_panels();
    Multiply<T> m = product(g, s.n_out, to, s.n_in, p, own_columns(s.n_in));
    m.b = plan.problem.theta.data() + s.offset;
    m.b_k = s.n_in;
    m.b_j = 1;
    if (rule) {
      const auto& below = own.step(l - 1);
      const Index begin = p.from * s.n_in * width();
      m.pull = rule;
      m.by = plan.by;
      m.x = below.z ? below.z + begin : nullptr;
      m.y = below.y + begin;
    }
    plan.fast.multiply(m);
  }
};

}  // namespace backprove
