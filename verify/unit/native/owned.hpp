#pragma once

#include <string>

#include "core/data.hpp"
#include "core/strategy.hpp"

namespace backprove {

/// A problem in T with data of its own.
template <class T>
struct Owned {
  Network network;
  Loss loss;
  Data data;
  Vector<T> theta;
  Matrix<T> x;

  Owned(const std::string& text, const std::string& loss_name, Index batch, std::uint64_t seed)
      : network(Network::parse(text)), loss(Loss::named(loss_name, Reduction::mean)) {
    Recipe recipe;
    recipe.batch = batch;
    recipe.seed = seed;
    data = make_data(network, loss, recipe);
    theta = data.theta.template cast<T>();
    x = data.x.template cast<T>();
  }
  Problem<T> problem() const { return {network, loss, view(theta), view(x), view(data.y)}; }
};

template <class T>
bool same(const Gradient<T>& a, const Gradient<T>& b) {
  return a.loss == b.loss && a.parameters == b.parameters && a.input == b.input;
}

}  // namespace backprove
