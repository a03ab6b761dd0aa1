#pragma once

#include <fmt/format.h>

#include "core/certified.hpp"
#include "core/data.hpp"
#include "core/engine.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Small random problems for the tests of certified gradients.
namespace backprove::test {

/// A network, a loss and seeded data, kept together.
struct Sample {
  Network network;
  Loss loss;
  Data data;

  Sample(const std::string& text, std::string_view loss_name, Index batch, std::uint64_t seed,
         Precision precision = Precision::full)
      : network(Network::parse(text)), loss(Loss::named(loss_name, seed % 2 == 0 ? Reduction::mean : Reduction::sum)) {
    Recipe recipe;
    recipe.batch = batch;
    recipe.seed = seed;
    recipe.precision = precision;
    data = make_data(network, loss, recipe);
  }
  Problem<double> problem() const { return {network, loss, view(data.theta), view(data.x), view(data.y)}; }
  Outcome run(std::string_view strategy, std::string_view scalar, const Options& options = {}) const {
    return engine_named(scalar).run(strategy, {network, loss, view(data.theta), view(data.x), view(data.y), options});
  }
};

/// Entry i of the flat gradient: parameters, then inputs.
template <class T>
const T& entry(const Gradient<T>& gradient, Index i) {
  const Index k = i - gradient.parameters.size();
  return k < 0 ? gradient.parameters(i) : gradient.input.data()[k];
}
template <class T>
Index entries(const Gradient<T>& gradient) {
  return gradient.parameters.size() + gradient.input.size();
}
template <class T>
const typename Gradient<T>::Extra& extra(const Gradient<T>& gradient, std::string_view quantity) {
  for (const auto& candidate : gradient.extras)
    if (candidate.quantity == quantity) return candidate;
  throw std::logic_error("no such extra");
}

}  // namespace backprove::test
