#pragma once

#include <map>
#include <string>

#include "bench/sampling.hpp"
#include "core/network.hpp"

namespace backprove {

/// The shortest time that a gradient by reverse mode could take here, part by part, in seconds.
struct LimitTime {
  double products = 0;     ///< of all matrix products, each at the best rate of any trusted library at its shape
  double elementwise = 0;  ///< values and slopes of the elementwise layers, as fast as on arrays in the first cache
  double memory = 0;       ///< one sample: weights read twice and their gradient written, in place of products
  std::string by;          ///< whose products were the best

  double total() const { return products + elementwise + memory; }
};

/// Measures limits on demand, each rate once: products by every library of core/kernels/products that is there and
/// right, on as many threads as the cell has, every thread its own.
class LimitProbe {
 public:
  explicit LimitProbe(SamplingPlan with) : plan(with) {}

  /// Of the loss and the parameter gradient (and the input gradient) of a network of affine and elementwise layers in
  /// float or double. Throws std::invalid_argument for other networks and scalars.
  LimitTime of(const Network& network, Index batch, bool input_gradient, const std::string& scalar, int threads);

 private:
  struct Rate {
    double seconds = 0;  ///< of one call on every thread at once
    std::string by;
  };
  SamplingPlan plan;
  std::map<std::string, Rate> known;

  /// The fastest of several ways to do the same, under one key.
  Rate& fastest(const std::string& key, const std::vector<Timed>& ways);
  double product(Index n_in, Index n_out, Index batch, bool for_parameters, const std::string& scalar, int threads,
                 std::map<std::string, int>& by);
  template <class T>
  double elementwise(const Network& network, Index batch, bool input_gradient, int threads);
};

}  // namespace backprove
