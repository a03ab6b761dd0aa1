#include "core/certified.hpp"
#include "core/kernels/balls/kernel.hpp"

#if __has_include(<arb.h>) && defined(BACKPROVE_ARB)
#include "core/kernels/balls/gradient.hpp"
#define BACKPROVE_HAS_ARB
#endif

namespace backprove {

#ifdef BACKPROVE_HAS_ARB
namespace {

template <class From>
Gradient<Interval> intervals_of(const Gradient<From>& balls) {
  Gradient<Interval> gradient;
  gradient.loss = balls.loss.interval();
  gradient.parameters = balls.parameters.unaryExpr([](const Ball& b) { return b.interval(); });
  gradient.input = balls.input.unaryExpr([](const Ball& b) { return b.interval(); });
  return gradient;
}

/// Chunks of samples as the tape takes them, summed in their order.
Gradient<Interval> enclose(const Problem<double>& problem, const Options& options, unsigned bits) {
  const PrecisionScope scope(bits);
  const BallGradient balls(problem);
  Gradient<Ball> gradient;
  gradient.parameters = Vector<Ball>::Constant(problem.network.parameters(), Ball(0));
  if (options.input_gradient) gradient.input.resize(problem.network.inputs(), problem.batch());
  const Index chunk = sample_chunk(problem.batch()), chunks = (problem.batch() + chunk - 1) / chunk;
  std::vector<Vector<Ball>> theta_bars(static_cast<std::size_t>(chunks));
  std::vector<Ball> losses(static_cast<std::size_t>(chunks));
  map_chunks(problem.batch(), chunk, options.threads, [&](Index c, Index begin, Index end) {
    const PrecisionScope on_this_thread(bits);
    const auto k = static_cast<std::size_t>(c);
    theta_bars[k] = Vector<Ball>::Constant(problem.network.parameters(), Ball(0));
    losses[k] = balls.run(begin, end, theta_bars[k], gradient.input);
  });
  Ball total(0);
  for (std::size_t c = 0; c < theta_bars.size(); ++c) {
    total += losses[c];
    for (Index i = 0; i < gradient.parameters.size(); ++i) gradient.parameters(i) += theta_bars[c](i);
  }
  gradient.loss = problem.loss.reduce<Ball>(total, problem.batch());
  return intervals_of(gradient);
}

}  // namespace

const EnclosureKernel& arb_enclosure() {
  static const EnclosureKernel kernel{"arb", "whole batches in the balls of Arb", [] { return std::string(); },
                                      enclose};
  return kernel;
}
#else
const EnclosureKernel& arb_enclosure() {
  static const EnclosureKernel kernel{"arb", "whole batches in the balls of Arb",
                                      [] { return std::string("not installed when this was built"); }, nullptr};
  return kernel;
}
#endif

}  // namespace backprove
