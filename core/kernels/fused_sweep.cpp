#include "core/kernels/fused_sweep.hpp"

#include "core/kernels/fused_member.hpp"

namespace backprove {

namespace {

int worthwhile(const Network& network, Index batch, const Pieces& pieces, int threads) {
  const double work = Pieces::sweep_multiplications(network, batch);
  const auto layers = static_cast<double>(std::max<Index>(1, network.depth()));
  if (pieces.count == 1 && work / layers < least_between_meetings) return 1;
  return static_cast<int>(std::clamp(std::ceil(work / least_for_two), 1.0, static_cast<double>(threads)));
}

template <class T>
class FusedSweepOf final : public FusedSweep<T> {
 public:
  FusedSweepOf(const Problem<T>& of, const Options& with, SweepBy formulas)
      : plan(of, with, formulas), threads(worthwhile(of.network, of.batch(), plan.pieces, with.threads)) {
    const bool apart = plan.pieces.count > 1 && threads > 1;
    buffers.emplace_back(plan);
    if (!apart) return;
    buffers.emplace_back(plan);
    second.resize(of.network.parameters());
  }

  void gradient(Gradient<T>& gradient) override {
    run(&gradient, nullptr, threads);
    gradient.loss = total;
  }
  T loss() override {
    run(nullptr, nullptr, threads);
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

 private:
  const FusedPlan<T> plan;
  const int threads;
  std::vector<FusedBuffers<T>> buffers;  ///< one a piece where pieces are swept at the same time
  Vector<T> second;                      ///< what the second piece gives then
  T total = T(0);

  FusedPiece<T> piece(Index k, Gradient<T>* gradient, bool apart) {
    const Index begin = k * plan.pieces.samples;
    FusedPiece<T> piece{begin,  std::min(plan.pieces.samples, plan.batch - begin), !gradient, nullptr, k > 0 && !apart,
                        nullptr};
    if (!gradient) return piece;
    piece.theta_bar = k > 0 && apart ? second.data() : gradient->parameters.data();
    if (plan.options.input_gradient) piece.input = gradient->input.data();
    return piece;
  }

  void run(Gradient<T>* gradient, SweepTrace<T>* trace, int team) {
    Meeting everybody, halves[2];
    T sums[2] = {};
    on_team(team, [&](int me, int size) {
      if (plan.pieces.count == 1 || size == 1) {
        for (Index k = 0; k < plan.pieces.count; ++k) {
          FusedMember<T>{plan, buffers[0], piece(k, gradient, false), trace, everybody, me, size}.sweep();
          if (me == 0) sums[k] = buffers[0].total;
        }
        return;
      }
      const int half = me % 2, here = me / 2, of = (size + 1 - half) / 2;
      FusedBuffers<T>& own = buffers[static_cast<std::size_t>(half)];
      FusedMember<T>{plan, own, piece(half, gradient, true), trace, halves[half], here, of}.sweep();
      if (here == 0) sums[half] = own.total;
      if (gradient) add_second(*gradient, everybody, me, size);
    });
    total = plan.problem.loss.template reduce<T>(plan.pieces.count == 1 ? sums[0] : sums[0] + sums[1], plan.batch);
  }

  /// What the layers below the lowest wanted step have is 0 in both.
  void add_second(Gradient<T>& gradient, Meeting& everybody, int me, int size) {
    everybody.wait(size);
    const Index n = second.size(), from = n * me / size, to = n * (me + 1) / size;
    gradient.parameters.segment(from, to - from) += second.segment(from, to - from);
  }
};

}  // namespace

FusedMemory fused_memory(const Kernel& kernel, const Network& network, Index batch, std::string_view scalar,
                         int threads, SweepBy by) {
  const bool single = scalar == "float";
  const Index lanes = single ? kernel.in_float().lanes : kernel.in_double().lanes,
              vectors = single ? kernel.in_float().most_vectors : kernel.in_double().most_vectors;
  const Pieces pieces = Pieces::of(batch, network, lanes);
  const bool team = worthwhile(network, batch, pieces, threads) > 1, apart = pieces.count > 1 && team;
  const auto samples = static_cast<double>(pieces.count == 1 || team ? batch : pieces.samples);
  Index kept = 0;
  for (const FusedStep<double>& step : fused_steps<double>(network, kernel.in_double()))
    kept += step.n_out * (1 + (step.rule && step.has_affine() && step.rule->reads_x ? 1 : 0) +
                          (step.rule && by == SweepBy::jacobians ? 1 : 0));
  const Index passing = (batch > 1 ? 4 : 2) * (network.max_width() + lanes * vectors);
  return {static_cast<double>(kept) * samples, static_cast<double>(kept + network.inputs() + passing) * samples +
                                                   (apart ? static_cast<double>(network.parameters()) : 0)};
}

template <class T>
std::shared_ptr<FusedSweep<T>> fused_sweep(const Problem<T>& problem, const Options& options, SweepBy by) {
  if (!options.kernel || !beyond_kernels(problem.network).empty()) return nullptr;
  return std::make_shared<FusedSweepOf<T>>(problem, options, by);
}

template std::shared_ptr<FusedSweep<float>> fused_sweep(const Problem<float>&, const Options&, SweepBy);
template std::shared_ptr<FusedSweep<double>> fused_sweep(const Problem<double>&, const Options&, SweepBy);

}  // namespace backprove
