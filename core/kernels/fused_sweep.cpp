#include "core/kernels/fused_sweep.hpp"

#include <algorithm>
#include <utility>

#include "core/kernels/arena.hpp"
#include "core/kernels/fused_plan.hpp"

namespace backprove {

namespace {

struct Range {
  Index from, to;
};

template <class T>
class FusedSweepOf final : public FusedSweep<T> {
 public:
  FusedSweepOf(const Problem<T>& of, const Options& with, SweepBy formulas)
      : problem(of),
        options(with),
        by(formulas),
        fast(with.kernel->primitives<T>()),
        steps(fused_steps<T>(of.network, fast)),
        batch(of.batch()),
        classes(static_cast<std::size_t>(batch) + 64),
        scattered_z(of.network.outputs(), batch),
        scattered_g(of.network.outputs(), batch) {
    // Narrow layers are shared out by panels, which need no meeting between layers.
    const Index pieces = of.network.max_width() < 128 ? with.threads : 1;
    if (batch > 1) panels = Panels::of(batch, fast.lanes, fast.most_vectors, pieces);
    lowest = with.input_gradient ? 0 : first_with_parameters();
    lay_out();
    arena.allocate();
    lay_out();
    softmax = problem.loss.name() == "softmax_cross_entropy";
    for (Index s = 0; softmax && s < batch; ++s)
      classes[static_cast<std::size_t>(s)] = static_cast<int>(class_index(problem.y.data() + s));
  }

  void gradient(Gradient<T>& gradient) override { run(&gradient, nullptr); }
  T loss() override {
    run(nullptr, nullptr);
    return total;
  }
  void trace(Gradient<T>& gradient, SweepTrace<T>& trace) override {
    const auto layers = static_cast<std::size_t>(problem.network.size());
    trace.entered.assign(layers + 1, Matrix<T>());
    trace.cotangent.assign(layers + 1, Matrix<T>());
    run(&gradient, &trace);
    trace.entered[0] = problem.x;
  }

 private:
  const Problem<T> problem;
  const Options options;
  const SweepBy by;
  const Primitives<T>& fast;
  std::vector<FusedStep<T>> steps;
  const Index batch;
  Panels panels;
  Index lowest = 0;
  Arena<T> arena;
  T *cotangents[2] = {}, *features[2] = {}, *losses = nullptr;
  std::vector<int> classes;
  Matrix<T> scattered_z, scattered_g;
  bool softmax = false;
  T total = T(0);

  Index last() const { return static_cast<Index>(steps.size()) - 1; }
  FusedStep<T>& step(Index l) { return steps[static_cast<std::size_t>(l)]; }
  Index numbers(Index n) const { return n * panels.padded(); }
  /// How the features that enter a step are cut for its parameter gradient.
  Panels cut(const FusedStep<T>& s) const { return Panels::of(s.n_in, fast.lanes, fast.most_vectors); }
  Index first_with_parameters() const {
    Index l = 0;
    while (l <= last() && !steps[static_cast<std::size_t>(l)].has_affine()) ++l;
    return l;
  }
  Index widest() const { return problem.network.max_width(); }

  void lay_out() {
    T* below = arena.take(numbers(problem.network.inputs()));
    for (FusedStep<T>& s : steps) {
      s.x = below;
      const bool apart = s.rule && s.has_affine() && s.rule->reads_x;
      s.z = apart ? arena.take(numbers(s.n_out)) : s.has_affine() ? nullptr : s.x;
      below = s.y = arena.take(numbers(s.n_out));
      if (s.rule && by == SweepBy::jacobians) s.d = arena.take(numbers(s.n_out));
    }
    const Index most = widest() + fast.lanes * fast.most_vectors;
    for (T*& one : cotangents) one = arena.take(numbers(most));
    for (T*& one : features) one = batch > 1 ? arena.take(numbers(most)) : nullptr;
    losses = arena.take(panels.padded());
  }

  /// One thread's part of a sweep.
  struct Member {
    FusedSweepOf& all;
    Gradient<T>* gradient;
    SweepTrace<T>* trace;
    Meeting& meeting;
    int me, size;

    bool by_panels() const { return all.panels.count >= size && all.batch > 1; }
    void wait() const { meeting.wait(size); }
    /// This member's part of n things, in whole units.
    Range share(Index n, Index unit = 1) const {
      const Index units = (n + unit - 1) / unit;
      return {std::min(n, units * me / size * unit), std::min(n, units * (me + 1) / size * unit)};
    }
    Range own_panels() const { return by_panels() ? share(all.panels.count) : Range{0, all.panels.count}; }
    Range own_columns(Index n, Index unit = 1) const { return by_panels() ? Range{0, n} : share(n, unit); }
    /// Does f once, for everybody.
    template <class F>
    void once(F&& f) const {
      wait();
      if (me == 0) f();
      wait();
    }

    void gather() const {
      const Index n = all.problem.network.inputs(), width = all.panels.width;
      const T* x = all.problem.x.data();
      T* to = all.step(0).x;
      if (all.batch == 1) {
        if (me == 0) std::copy_n(x, n, to);
        return;
      }
      const Range p = by_panels() ? share(all.panels.count) : Range{0, me == 0 ? all.panels.count : 0};
      const Index whole = n / all.fast.lanes * all.fast.lanes;
      if (whole > 0 && p.to > p.from)
        all.fast.transpose(x, n, whole, all.batch, p.from * width, p.to * width, to, width, n * width);
      for (Index s = p.from * width; s < std::min(all.batch, p.to * width); ++s)
        for (Index i = whole; i < n; ++i) to[(s / width * n + i) * width + s % width] = x[s * n + i];
    }

    /// The numbers of `n` features that this member computes: pieces of neighbours.
    template <class F>
    void pieces(Index n, F&& f) const {
      const Range p = own_panels(), j = own_columns(n);
      const Index width = all.panels.width;
      for (Index one = p.from; one < p.to; ++one) f((one * n + j.from) * width, (j.to - j.from) * width);
    }

    Multiply<T> product(const T* a, Index n_a, T* c, Index n_c, Range p, Range j) const {
      const Index width = all.panels.width;
      Multiply<T> m{};
      m.a = a + p.from * n_a * width;
      m.a_panel = n_a * width;
      m.a_step = width;
      m.panels = p.to - p.from;
      m.vectors = all.panels.vectors;
      m.inner = m.segment = n_a;
      m.from = j.from;
      m.to = j.to;
      m.c = c + p.from * n_c * width;
      m.c_panel = n_c * width;
      m.c_j = m.last_rows = width;
      return m;
    }

    void forward() const {
      gather();
      if (!by_panels()) wait();
      for (Index l = 0; l <= all.last(); ++l) {
        const FusedStep<T>& s = all.step(l);
        T* z = s.z ? s.z : s.y;
        if (s.has_affine()) affine(s, z, s.rule && !trace ? s.rule : nullptr);
        if (trace && s.has_affine()) once([&] { note(trace->entered, s.affine + 1, z, s.n_out); });
        if (s.rule && (trace || !s.has_affine())) pieces(s.n_out, [&](Index at, Index n) { apply(s, z, at, n); });
        if (trace && s.rule) once([&] { note(trace->entered, s.elementwise + 1, s.y, s.n_out); });
        if (!by_panels()) wait();
      }
    }

    /// y = f(z), and the slopes where they are kept.
    void apply(const FusedStep<T>& s, const T* z, Index at, Index n) const {
      s.rule->value(z + at, s.y + at, n);
      if (s.d) s.rule->slope(z + at, s.y + at, s.d + at, n);
    }

    /// z = W^T x + b, and y = f(z) where a rule is given.
    void affine(const FusedStep<T>& s, T* z, const ArrayRule<T>* rule) const {
      const T* weight = all.problem.theta.data() + s.offset;
      const T* bias = weight + s.n_in * s.n_out;
      const Range j = own_columns(s.n_out);
      if (all.batch == 1) {
        all.fast.dot_columns(weight, s.n_in, j.from, j.to, s.x, bias, z);
        if (rule) apply(s, z, j.from, j.to - j.from);
        return;
      }
      const Range p = own_panels();
      Multiply<T> m = product(s.x, s.n_in, z, s.n_out, p, j);
      m.b = weight;
      m.b_k = 1;
      m.b_j = s.n_in;
      m.bias = bias;
      m.value = rule;
      const Index begin = p.from * s.n_out * all.panels.width;
      m.value_to = s.y + begin;
      m.slope_to = rule && s.d ? s.d + begin : nullptr;
      all.fast.multiply(m);
    }

    void loss() const {
      wait();
      const FusedStep<T>& top = all.step(all.last());
      T* g = gradient ? all.cotangents[all.last() % 2] : nullptr;
      if (!all.softmax) {
        if (me == 0) scattered_loss(top.y, g);
      } else if (all.batch == 1) {
        if (me == 0) all.total = all.fast.softmax_cross_entropy_of_one(top.y, top.n_out, all.classes[0], g);
      } else {
        const Range v = share(all.panels.count * all.panels.vectors);
        const bool mean = all.problem.loss.reduction == Reduction::mean;
        all.fast.softmax_cross_entropy(top.y, all.panels.width, top.n_out, all.classes.data(),
                                       mean ? static_cast<T>(all.batch) : T(1), v.from, v.to, all.losses, g);
      }
      wait();
      if (me == 0) add_losses();
    }
    void add_losses() const {
      if (all.softmax && all.batch > 1) {
        all.total = all.losses[0];
        for (Index s = 1; s < all.batch; ++s) all.total += all.losses[s];
      }
      all.total = all.problem.loss.template reduce<T>(all.total, all.batch);
      if (gradient) gradient->loss = all.total;
    }
    /// Any other loss by its own formulas.
    void scattered_loss(const T* y, T* g) const {
      scatter(y, all.scattered_z.rows(), all.scattered_z.data());
      all.total = all.problem.loss.template sum<T>(view(std::as_const(all.scattered_z)), all.problem.y);
      if (!g) return;
      all.problem.loss.template gradient<T>(view(std::as_const(all.scattered_z)), all.problem.y, all.batch,
                                            view(all.scattered_g));
      const Index n = all.scattered_g.rows(), width = all.panels.width;
      for (Index s = 0; s < all.batch; ++s)
        for (Index i = 0; i < n; ++i) g[(s / width * n + i) * width + s % width] = all.scattered_g(i, s);
    }
    /// From panels to one sample after the other.
    void scatter(const T* from, Index n, T* to) const {
      const Index width = all.panels.width;
      for (Index s = 0; s < all.batch; ++s)
        for (Index i = 0; i < n; ++i) to[s * n + i] = from[(s / width * n + i) * width + s % width];
    }
    void note(std::vector<Matrix<T>>& list, Index place, const T* from, Index n) const {
      Matrix<T>& matrix = list[static_cast<std::size_t>(place)];
      matrix.resize(n, all.batch);
      scatter(from, n, matrix.data());
    }

    void backward() const {
      const Index top = all.last();
      if (trace) once([&] { note(trace->cotangent, all.problem.network.size(), cotangent(top), all.step(top).n_out); });
      if (top < all.lowest) return;
      pull(top);
      turn(top);
      wait();
      for (Index l = top; l >= all.lowest; --l) {
        const FusedStep<T>& s = all.step(l);
        if (s.has_affine()) parameters(s, cotangent(l), all.features[l % 2]);
        if (l == all.lowest && !all.options.input_gradient) break;
        input(l);
        if (l > all.lowest) turn(l - 1);
        wait();
      }
      if (all.options.input_gradient && me == 0)
        scatter(all.cotangents[1], all.problem.network.inputs(), gradient->input.data());
    }
    /// Below the first step lies the input's own.
    T* cotangent(Index l) const { return all.cotangents[(l + 2) % 2]; }

    /// cotangent(l), by the step's output, becomes that by what its rule is applied to.
    void pull(Index l) const {
      const FusedStep<T>& s = all.step(l);
      T* g = cotangent(l);
      if (s.rule)
        pieces(s.n_out, [&](Index at, Index n) {
          if (s.d)
            all.fast.times(g + at, s.d + at, g + at, n);
          else
            s.rule->pull(g + at, s.z ? s.z + at : nullptr, s.y + at, g + at, n);
        });
      if (trace && s.rule) once([&] { note(trace->cotangent, s.elementwise, g, s.n_out); });
    }

    /// What enters step l with its features side by side, for the parameter gradient.
    void turn(Index l) const {
      const FusedStep<T>& s = all.step(l);
      if (!s.has_affine() || all.batch == 1) return;
      const Panels cut = all.cut(s);
      const Range i = share(s.n_in, all.fast.lanes);
      if (i.from == i.to) return;
      const Index width = all.panels.width;
      for (Index p = 0; p < all.panels.count; ++p)
        all.fast.transpose(s.x + p * s.n_in * width, width, width, s.n_in, i.from, i.to,
                           all.features[l % 2] + p * width * cut.width, cut.width, all.panels.padded() * cut.width);
    }

    /// W_bar = X G^T, b_bar = sum of the samples' g.
    void parameters(const FusedStep<T>& s, const T* g, const T* turned) const {
      T* weight_bar = gradient->parameters.data() + s.offset;
      T* bias_bar = weight_bar + s.n_in * s.n_out;
      const Range j = share(s.n_out);
      if (all.batch == 1) {
        all.fast.outer(s.x, g, s.n_in, j.from, j.to, weight_bar);
        std::copy(g + j.from, g + j.to, bias_bar + j.from);
        return;
      }
      const Panels cut = all.cut(s);
      const Index width = all.panels.width;
      Multiply<T> m{};
      m.a = turned;
      m.a_panel = all.panels.padded() * cut.width;
      m.a_step = cut.width;
      m.panels = cut.count;
      m.vectors = cut.vectors;
      m.b = g;
      m.inner = all.batch;
      m.segment = width;
      m.b_segment = s.n_out * width;
      m.b_k = 1;
      m.b_j = width;
      m.from = j.from;
      m.to = j.to;
      m.c = weight_bar;
      m.c_panel = cut.width;
      m.c_j = s.n_in;
      m.last_rows = s.n_in - (cut.count - 1) * cut.width;
      all.fast.multiply(m);
      all.fast.sum_samples(g, width, s.n_out, all.batch, j.from, j.to, bias_bar);
    }

    /// cotangent(l - 1): x_bar = W g, times the slope of the step below.
    void input(Index l) const {
      const FusedStep<T>& s = all.step(l);
      const FusedStep<T>* below = l > 0 ? &all.step(l - 1) : nullptr;
      T* to = cotangent(l - 1);
      const ArrayRule<T>* rule = below && !trace ? below->rule : nullptr;
      if (!s.has_affine())
        pieces(s.n_in, [&](Index at, Index n) { std::copy_n(cotangent(l) + at, n, to + at); });
      else if (all.batch == 1)
        combine(s, cotangent(l), to);
      else
        pull_back(s, cotangent(l), to, rule, below);
      if (trace && s.has_affine()) once([&] { note(trace->cotangent, s.affine, to, s.n_in); });
      if (below && (trace || !s.has_affine() || all.batch == 1)) pull(l - 1);
    }
    void combine(const FusedStep<T>& s, const T* g, T* to) const {
      const Range i = own_columns(s.n_in);
      all.fast.combine_columns(all.problem.theta.data() + s.offset, s.n_in, s.n_out, i.from, i.to, g, to);
    }
    void pull_back(const FusedStep<T>& s, const T* g, T* to, const ArrayRule<T>* rule,
                   const FusedStep<T>* below) const {
      const Range p = own_panels();
      Multiply<T> m = product(g, s.n_out, to, s.n_in, p, own_columns(s.n_in));
      m.b = all.problem.theta.data() + s.offset;
      m.b_k = s.n_in;
      m.b_j = 1;
      const Index begin = p.from * s.n_in * all.panels.width;
      if (rule && below->d) m.slopes = below->d + begin;
      m.pull = rule && !below->d ? rule : nullptr;
      if (m.pull) {
        m.x = below->z ? below->z + begin : nullptr;
        m.y = below->y + begin;
      }
      all.fast.multiply(m);
    }
  };

  void run(Gradient<T>* gradient, SweepTrace<T>* trace) {
    Meeting meeting;
    on_team(options.threads, [&](int me, int size) {
      const Member member{*this, gradient, trace, meeting, me, size};
      member.forward();
      member.loss();
      if (gradient) member.backward();
    });
  }
};

}  // namespace

template <class T>
std::shared_ptr<FusedSweep<T>> fused_sweep(const Problem<T>& problem, const Options& options, SweepBy by) {
  if (!options.kernel || !beyond_kernels(problem.network).empty()) return nullptr;
  return std::make_shared<FusedSweepOf<T>>(problem, options, by);
}

template std::shared_ptr<FusedSweep<float>> fused_sweep(const Problem<float>&, const Options&, SweepBy);
template std::shared_ptr<FusedSweep<double>> fused_sweep(const Problem<double>&, const Options&, SweepBy);

}  // namespace backprove
