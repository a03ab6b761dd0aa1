#pragma once

#include "core/strategy.hpp"

namespace backprove {

/// Consecutive samples of a problem, the memory to differentiate them in, and where their gradient goes.
template <class T>
struct Part {
  In<T> x;
  In<double> y;
  ParamsOut<T> workspace;
  Out<T> input;            ///< their input gradient, to be written; empty if not wanted
  ParamsOut<T> theta_bar;  ///< their parameter gradient is added here
};

/// A batch split over samples: every chunk differentiates its samples in its own memory; the chunks' parameter
/// gradients and losses are added in chunk order, so that the result does not depend on the threads.
template <class T>
class Chunked {
 public:
  /// Allocates everything, with `scalars` numbers of workspace a sample; afterwards run() allocates nothing itself.
  Chunked(const Problem<T>& of, const Options& with, Index scalars)
      : problem(of),
        options(with),
        size(with.whole_batch ? std::max<Index>(1, of.batch()) : sample_chunk(of.batch())),
        chunks(static_cast<std::size_t>((of.batch() + size - 1) / size)) {
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const Index samples = std::min(size, problem.batch() - static_cast<Index>(c) * size);
      chunks[c].workspace.resize(scalars * samples);
      chunks[c].parameters.resize(c == 0 ? 0 : problem.network.parameters());
    }
  }

  /// `differentiate(part)` handles one part and returns the sum of its losses.
  template <class F>
  void run(Gradient<T>& gradient, F&& differentiate) {
    const Network& network = problem.network;
    map_chunks(problem.batch(), size, options.threads, [&](Index c, Index begin, Index end) {
      Chunk& chunk = chunks[static_cast<std::size_t>(c)];
      ParamsOut<T> theta_bar(c == 0 ? gradient.parameters.data() : chunk.parameters.data(), network.parameters());
      theta_bar.setConstant(T(0));
      Out<T> input(nullptr, 0, 0);
      if (gradient.input.size() > 0)
        new (&input) Out<T>(gradient.input.data() + begin * network.inputs(), network.inputs(), end - begin);
      chunk.loss = differentiate(Part<T>{columns(problem.x, begin, end), columns(problem.y, begin, end),
                                         view(chunk.workspace), input, theta_bar});
    });
    combine(gradient);
  }

  /// The same with the part's tape, its forward sweep already done: `differentiate(tape, part)`.
  template <class F>
  void run_on_tape(Gradient<T>& gradient, F&& differentiate) {
    run(gradient, [&](const Part<T>& part) {
      const NetworkTape<T> tape = problem.network.tape(At<T>{problem.theta, part.x, part.x, part.workspace});
      tape.forward();
      differentiate(tape, part);
      return problem.loss.template sum<T>(tape.output(), part.y);
    });
  }

  const Problem<T> problem;
  const Options options;

 private:
  struct Chunk {
    Vector<T> workspace, parameters;
    T loss = T(0);
  };
  Index size;
  std::vector<Chunk> chunks;

  template <class S>
  static In<S> columns(const In<S>& m, Index begin, Index end) {
    return In<S>(m.data() + begin * m.rows(), m.rows(), end - begin);
  }
  void combine(Gradient<T>& gradient) {
    T total = chunks.front().loss;
    for (std::size_t c = 1; c < chunks.size(); ++c) {
      total += chunks[c].loss;
      for (Index i = 0; i < gradient.parameters.size(); ++i) gradient.parameters(i) += chunks[c].parameters(i);
    }
    gradient.loss = problem.loss.template reduce<T>(total, problem.batch());
  }
};

/// Scalars that Chunked holds: `scalars` a sample, and one parameter gradient a chunk but the first.
inline double chunked_scalars(const Shape& shape, Index scalars) {
  const Index size = sample_chunk(shape.batch), chunks = (shape.batch + size - 1) / size;
  return static_cast<double>(scalars) * static_cast<double>(shape.batch) +
         static_cast<double>(chunks - 1) * static_cast<double>(shape.network.parameters());
}

/// The same for whole tapes.
inline double tape_scalars(const Shape& shape) { return chunked_scalars(shape, shape.network.workspace()); }

/// Samples that are differentiated at once, at most.
inline double samples_at_once(const Shape& shape) {
  return static_cast<double>(std::min(shape.batch, shape.threads * sample_chunk(shape.batch)));
}
/// Numbers that the structured Jacobians of all layers hold for these samples.
inline double jacobian_scalars(const Shape& shape) {
  double all = 0;
  for (Index l = 0; l < shape.network.size(); ++l) {
    const JacobianSizes sizes = shape.network.jacobian_sizes(l);
    all += sizes.input + sizes.params;
  }
  return all * samples_at_once(shape);
}

/// Multiplications of reverse mode after the forward sweep: parameter factors, and input products from the lowest layer
/// that needs one; the same for explicit products kept in their structure.
inline double reverse_multiplications(const Shape& shape) {
  const Network& network = shape.network;
  const Index first = shape.input_gradient ? -1 : network.first_parameters();
  double sum = 0;
  for (Index l = 0; l < network.size(); ++l)
    sum += network.multiplications(l) * ((network.parameters(l) > 0 ? 1 : 0) + (l > first ? 1 : 0));
  return sum * static_cast<double>(shape.batch);
}

}  // namespace backprove
