#include "core/kernels/fused_sweep.hpp"

#include <optional>

#include "core/kernels/fused_member.hpp"
#include "core/parallel.hpp"

namespace backprove {

namespace {

template <class T>
class FusedSweepOf final : public FusedSweep<T> {
 public:
  FusedSweepOf(const Problem<T>& of, const Options& with, SweepBy formulas)
      : plan(of, with, formulas), all(plan.threads), halves{Meeting(plan.threads), Meeting(plan.threads)} {
    buffers.emplace_back(plan);
    if (apart()) buffers.emplace_back(plan);
    if (plan.batch == 1) chains.emplace(plan, buffers[0]);
    if (!apart()) return;
    second.resize(of.network.parameters());
    prefer_huge_pages(second);
  }

  void gradient(Gradient<T>& gradient) override {
    run(&gradient, nullptr, plan.threads);
    gradient.loss = total;
  }
  T loss() override {
    run(nullptr, nullptr, plan.threads);
    return total;
  }
  void trace(Gradient<T>& gradient, SweepTrace<T>& trace) override {
    const auto layers = static_cast<std::size_t>(plan.problem.network.size());
    trace.entered.assign(layers + 1, Matrix<T>());
    trace.cotangent.assign(layers + 1, Matrix<T>());
    run(&gradient, &trace, 1);
    gradient.loss = total;
    trace.entered[0] = plan.problem.x;
  }
  void first_member(Gradient<T>& gradient) override {
    T sums[2] = {};
    enter_alone();
    Meeting::Member nobody(all, 0, 1);
    if (!apart()) return one_by_one(&gradient, nullptr, &nobody, 0, plan.threads, sums);
    const int half = (plan.threads + 1) / 2;
    FusedMember<T>{plan, buffers[0], piece(0, &gradient, true), nullptr, nullptr, &nobody, 0, half}.sweep();
  }

 private:
  const FusedPlan<T> plan;
  std::vector<FusedBuffers<T>> buffers;  ///< one a piece where pieces are swept at the same time
  std::optional<FusedChains<T>> chains;  ///< of one sample
  Vector<T> second;                      ///< what each half gives then of the layers that the other adds up
  Meeting all, halves[2];
  T total = T(0);

  /// Whether two halves of a team sweep a piece each.
  bool apart() const { return plan.sweeps > 1 && plan.threads > 1; }

  FusedPiece<T> piece(Index k, Gradient<T>* gradient, bool apart) {
    const Index begin = k * plan.pieces.samples, width = plan.panels.width;
    const Index samples = std::min(plan.most_samples(), plan.batch - begin);
    FusedPiece<T> piece{.begin = begin,
                        .samples = samples,
                        .panels = (samples + width - 1) / width,
                        .loss_alone = !gradient,
                        .below = nullptr,
                        .above = nullptr,
                        .split = 0,
                        .adds = k > 0 && !apart,
                        .input = nullptr};
    if (!gradient) return piece;
    piece.below = piece.above = gradient->parameters.data();
    if (apart) {
      piece.split = plan.split;
      (k == 0 ? piece.below : piece.above) = second.data();
    }
    if (plan.options.input_gradient) piece.input = gradient->input.data();
    return piece;
  }

  void run(Gradient<T>* gradient, SweepTrace<T>* trace, int team) {
    T sums[2] = {};
    enter_alone();
    team == 1 ? one_by_one(gradient, trace, nullptr, 0, 1, sums) : with_team(gradient, trace, team, sums);
    total = plan.problem.loss.template reduce<T>(plan.sweeps == 1 ? sums[0] : sums[0] + sums[1], plan.batch);
  }

  /// One sample, where the first step reads it.
  void enter_alone() {
    if (plan.batch == 1) std::copy_n(plan.problem.x.data(), plan.problem.x.size(), buffers[0].step(0).x);
  }

  /// This member's part of all pieces, one after the other.
  void one_by_one(Gradient<T>* gradient, SweepTrace<T>* trace, Meeting::Member* meeting, int me, int size, T* sums) {
    const FusedChains<T>* alone = chains && size == 1 && !trace ? &*chains : nullptr;
    for (Index k = 0; k < plan.sweeps; ++k) {
      FusedMember<T>{plan, buffers[0], piece(k, gradient, false), trace, alone, meeting, me, size}.sweep();
      if (me == 0) sums[k] = buffers[0].total;
    }
  }

  void with_team(Gradient<T>* gradient, SweepTrace<T>* trace, int team, T* sums) {
    all.open();
    for (Meeting& half : halves) half.open();
    on_team(team, [&](int me, int size) {
      Meeting::Member everybody(all, me, size);
      if (plan.sweeps == 1 || size == 1) return one_by_one(gradient, trace, &everybody, me, size, sums);
      const int half = me % 2, here = me / 2, of = (size + 1 - half) / 2;
      FusedBuffers<T>& own = buffers[static_cast<std::size_t>(half)];
      Meeting::Member neighbours(halves[half], here, of);
      FusedMember<T>{plan, own, piece(half, gradient, true), trace, nullptr, &neighbours, here, of}.sweep();
      if (here == 0) sums[half] = own.total;
      if (gradient) add_other(*gradient, everybody, half, here, of);
    });
  }

  /// Of the layers whose sums of one half lie in the gradient, that half adds what the other half gave. What the layers
  /// below the lowest wanted step have is 0 in both.
  void add_other(Gradient<T>& gradient, Meeting::Member& everybody, int half, int here, int of) {
    everybody.meet();
    const Index begin = half == 0 ? plan.split : 0, n = half == 0 ? second.size() - plan.split : plan.split;
    const Index from = begin + n * here / of, to = begin + n * (here + 1) / of;
    gradient.parameters.segment(from, to - from) += second.segment(from, to - from);
  }
};

}  // namespace

FusedMemory fused_memory(const Kernel& kernel, const Network& network, Index batch, std::string_view scalar,
                         int threads) {
  const auto in = [&](const auto& fast) {
    const Pieces pieces = Pieces::of(batch, network, fast.lanes, fast.few);
    const int members = threads_worth(network, fast, batch, pieces, threads);
    const bool team = members > 1;
    const Index swept = pieces.narrow || team ? batch : pieces.samples;
    const bool two = pieces.count > 1 && team;  // at once, each with pads of its own
    const Panels panels = panels_of(network, fast, two ? pieces.samples : swept, std::max(1, members / (two ? 2 : 1)));
    const Index room = batch == 1 ? 1 : (two ? 2 : 1) * panels.padded();
    const Index parts = team ? std::min(members, column_chains) : 0;
    const Index passing = batch > 1 ? 2 * FusedPlan<double>::passing_of(batch, members, two ? 2 : 1) : 2 + 2 * parts;
    const Index scattered = two ? 2 * pieces.samples : swept;
    return std::tuple(fast.lanes * fast.most_vectors, two, swept, room, passing, scattered);
  };
  const auto [panel, apart, swept, room, passing, scattered] =
      scalar == "float" ? in(kernel.in_float()) : in(kernel.in_double());
  Index kept = 0;
  for (const FusedStep<double>& step : fused_steps<double>(network, kernel.in_double()))
    kept += step.n_out * (step.rule && step.has_affine() && step.rule->reads_x ? 2 : 1);
  constexpr Index loss = 1;
  const Index all = kept + network.inputs() + loss + passing * (network.max_width() + panel);
  return {static_cast<double>(kept * swept),
          static_cast<double>(all * room) + (apart ? static_cast<double>(network.parameters()) : 0),
          static_cast<double>(2 * network.outputs() * scattered)};
}

FusedTeam fused_team(const Kernel& kernel, const Network& network, Index batch, std::string_view scalar, int threads) {
  const auto in = [&](const auto& fast) {
    const Pieces pieces = Pieces::of(batch, network, fast.lanes, fast.few);
    return team_of(network, fast, batch, pieces, threads_worth(network, fast, batch, pieces, threads));
  };
  return scalar == "float" ? in(kernel.in_float()) : in(kernel.in_double());
}

template <class T>
std::shared_ptr<FusedSweep<T>> fused_sweep(const Problem<T>& problem, const Options& options, SweepBy by) {
  if (!options.kernel || !beyond_kernels(problem.network).empty()) return nullptr;
  return std::make_shared<FusedSweepOf<T>>(problem, options, by);
}

template std::shared_ptr<FusedSweep<float>> fused_sweep(const Problem<float>&, const Options&, SweepBy);
template std::shared_ptr<FusedSweep<double>> fused_sweep(const Problem<double>&, const Options&, SweepBy);

}  // namespace backprove
