#pragma once

#include <string>
#include <vector>

#include "core/data.hpp"
#include "core/strategy.hpp"

namespace backprove {

/// A small problem in which one stage is put to the test. Sizes are odd and unequal, weights have no symmetry, batches
/// are larger than one, and some inputs are saturated, exactly zero or of a thousand.
struct Host {
  std::string name;  ///< "width 5, 3 samples"
  Network network;
  Loss loss;
  Data data;
  Index stage;  ///< the layer under test; network.size() for the loss, whole_network for all of it
  bool input_gradient = true;
  bool kinks = false;  ///< some inputs of the stage are exactly zero

  static constexpr Index whole_network = -1;
  enum class Kind { layer, loss, network };
  Kind kind() const {
    return stage == whole_network ? Kind::network : stage == network.size() ? Kind::loss : Kind::layer;
  }
};

/// Hosts for a layer of this name, smallest first.
std::vector<Host> hosts_of_layer(std::string_view name);
/// Hosts for a loss of this name, smallest first.
std::vector<Host> hosts_of_loss(std::string_view name);
/// Networks of several layers for the strategies that multiply them.
std::vector<Host> hosts_of_strategies();

/// The host's numbers in T, which represents them exactly.
template <class T>
struct HostNumbers {
  Vector<T> theta;
  Matrix<T> x;

  explicit HostNumbers(const Host& host) : theta(host.data.theta.cast<T>()), x(host.data.x.cast<T>()) {}
  Problem<T> problem(const Host& host) const {
    return {host.network, host.loss, view(theta), view(x), view(host.data.y)};
  }
};

}  // namespace backprove
