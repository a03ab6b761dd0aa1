#pragma once

#include "core/strategy.hpp"

namespace backprove {

/// The loss of a batch without its gradient: a forward sweep over the chunks of samples that the strategies use, added
/// in chunk order, so that every thread count gives the bits of the gradient's loss. Allocates nothing after the
/// constructor.
template <class T>
class LossSweep {
 public:
  LossSweep(const Problem<T>& of, const Options& with)
      : problem(of), threads(with.threads), size(sample_chunk(of.batch())) {
    for (Index begin = 0; begin < problem.batch(); begin += size) {
      workspaces.emplace_back(problem.network.workspace() * std::min(size, problem.batch() - begin));
      losses.push_back(T(0));
    }
  }

  T operator()() {
    const Network& network = problem.network;
    map_chunks(problem.batch(), size, threads, [&](Index c, Index begin, Index end) {
      const auto columns = [&](const auto& m) {
        return std::decay_t<decltype(m)>(m.data() + begin * m.rows(), m.rows(), end - begin);
      };
      const In<T> x = columns(problem.x);
      const std::size_t chunk = static_cast<std::size_t>(c);
      const NetworkTape<T> tape = network.tape(At<T>{problem.theta, x, x, view(workspaces[chunk])});
      tape.forward();
      losses[chunk] = problem.loss.template sum<T>(tape.output(), columns(problem.y));
    });
    T total = losses.front();
    for (std::size_t c = 1; c < losses.size(); ++c) total += losses[c];
    return problem.loss.template reduce<T>(total, problem.batch());
  }

 private:
  const Problem<T> problem;
  const int threads;
  const Index size;
  std::vector<Vector<T>> workspaces;
  std::vector<T> losses;
};

}  // namespace backprove
