#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "bench/copies.hpp"
#include "bench/sampling.hpp"
#include "core/data.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/kernel.hpp"
#include "core/parallel.hpp"

namespace backprove {

/// A gradient by a team of `threads`, of which one member's part is run.
template <class T>
class OneOfTeam {
 public:
  OneOfTeam(const Kernel& kernel, const Network& of, const Loss& with, Index batch, int threads)
      : network(of), loss(with) {
    Recipe recipe;
    recipe.batch = batch;
    data = make_data(network, loss, recipe);
    theta = data.theta.template cast<T>();
    x = data.x.template cast<T>();
    Options options;
    options.kernel = &kernel;
    options.input_gradient = false;
    options.threads = threads;
    const Problem<T> problem{network, loss, view(std::as_const(theta)), view(std::as_const(x)),
                             view(std::as_const(data.y))};
    gradient.resize(problem, false);
    sweep = fused_sweep<T>(problem, options);
  }
  OneOfTeam(const OneOfTeam&) = delete;
  OneOfTeam& operator=(const OneOfTeam&) = delete;

  void run() { sweep->first_member(gradient); }

 private:
  Network network;
  Loss loss;
  Data data;
  Vector<T> theta;
  Matrix<T> x;
  std::shared_ptr<FusedSweep<T>> sweep;
  Gradient<T> gradient;
};

/// Bytes that one needs.
template <class T>
double bytes_of_team(const Kernel& kernel, const Network& network, Index batch, int threads) {
  const FusedMemory memory = fused_memory(kernel, network, batch, sizeof(T) == 4 ? "float" : "double", threads);
  return (memory.all + memory.scattered + 2 * static_cast<double>(network.parameters())) * sizeof(T);
}

/// The first member's part of a gradient by a team, without the others: by one thread, or by `at_once`, each on numbers
/// of its own.
template <class T>
Timed first_member(const Kernel& kernel, const Network& network, const Loss& loss, Index batch, int threads,
                   int at_once) {
  const auto make = [&kernel, network, loss, batch, threads, at_once]() -> std::function<void()> {
    using All = std::vector<std::unique_ptr<OneOfTeam<T>>>;
    const auto all = std::make_shared<All>();
    for (int k = 0; k < at_once; ++k)
      all->push_back(std::make_unique<OneOfTeam<T>>(kernel, network, loss, batch, threads));
    if (at_once == 1) return [all] { all->front()->run(); };
    return [all] {
      on_team(static_cast<int>(all->size()), [&](int me, int) { (*all)[static_cast<std::size_t>(me)]->run(); });
    };
  };
  return {"member", {make()}, -1, make, copies_of(at_once * bytes_of_team<T>(kernel, network, batch, threads))};
}

}  // namespace backprove
