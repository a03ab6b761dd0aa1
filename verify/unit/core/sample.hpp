#pragma once

#include <cmath>
#include <string>

#include "core/data.hpp"
#include "core/engine.hpp"
#include "core/scalars/wide_digits.hpp"

namespace backprove::test {

/// The program sets the digits of the reference before it starts; so do tests, to as many as hold cpp_bin_float_50
/// exactly.
inline const bool digits_set = [] {
  set_wide_digits(70);
  return true;
}();

inline Recipe seeded(Index batch, std::uint64_t seed = 1, double gain = 1) {
  Recipe recipe;
  recipe.batch = batch;
  recipe.seed = seed;
  recipe.gain = gain;
  return recipe;
}

inline Options without_input_gradient() {
  Options options;
  options.input_gradient = false;
  return options;
}

/// A network, a loss and data that tests may change, and what the engines make of them.
struct Sample {
  Network network;
  Loss loss;
  Data data;

  explicit Sample(std::string_view text, const Recipe& recipe = seeded(1), std::string_view loss_name = "squared_error",
                  Reduction reduction = Reduction::mean)
      : network(Network::parse(text)),
        loss(Loss::named(loss_name, reduction)),
        data(make_data(network, loss, recipe)) {}

  Index batch() const { return data.x.cols(); }
  Request request(const Options& options = {}, bool text = false) const {
    return {network, loss, view(data.theta), view(data.x), view(data.y), options, text};
  }
  Outcome run(std::string_view scalar, std::string_view strategy, const Options& options = {},
              bool text = false) const {
    return engine_named(scalar).run(strategy, request(options, text));
  }
};

/// Largest magnitude of a gradient's entries; infinite if one is not a number.
inline double largest(const Values& gradient) {
  double most = 0;
  for (Index i = 0; i < gradient.size(); ++i) {
    const double entry = std::abs(gradient.as_double(i));
    most = entry <= most ? most : std::isnan(entry) ? std::numeric_limits<double>::infinity() : entry;
  }
  return most;
}

/// Largest difference of two gradients over the largest entry of the second; infinite if their sizes differ.
inline double relative_difference(const Values& got, const Values& expected) {
  if (got.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (Index i = 0; i < got.size(); ++i) {
    const double difference = std::abs(got.as_double(i) - expected.as_double(i));
    most = difference <= most ? most : std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
  }
  const double scale = largest(expected);
  return most == 0 ? 0 : most / scale;
}

}  // namespace backprove::test
