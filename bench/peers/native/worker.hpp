#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// What the peers written in C++ share: each is a program of its own that is asked one JSON line at a time and answers
/// with one, as worker.py is: `main` is in worker.cpp. Only C++17 here, because older libraries do not take later
/// versions.
namespace backprove::native {

/// The peer cannot serve this cell; the text says why.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `affine` with its sizes, or an elementwise function. A job's first layer is affine.
struct Layer {
  std::string name;
  std::size_t n_in = 0, n_out = 0;
};

/// One cell.
struct Job {
  std::vector<Layer> layers;
  std::string loss, scalar;
  std::size_t samples = 0, inputs = 0, outputs = 0;
  std::vector<double> theta;  ///< affine after affine: weight (n_out rows of n_in), then bias
  std::vector<double> x;      ///< samples x inputs, sample by sample
  std::vector<double> y;      ///< samples class indices, or samples x outputs

  bool has_classes() const { return loss == "softmax_cross_entropy"; }
  /// Multiplications of weights by activations in one forward sweep.
  double multiplications() const;
  /// Entries of all layers' outputs.
  double activations() const;
  Job first_sample() const;
};

/// A prepared cell: `call` computes loss and gradient, `gradient` gives what the last call found, in theta's order.
struct Ready {
  std::function<void()> call;
  std::function<std::vector<double>()> gradient;
};

/// A library and how it is used.
struct System {
  std::string version;
  std::vector<std::string> functions;           ///< elementwise layers that it translates
  std::map<std::string, std::string> settings;  ///< recorded beside every gradient
  std::function<Ready(const Job&)> prepare;     ///< throws Unsupported
  std::function<double(const Job&)> bytes;      ///< memory of one call, in bytes
  bool linear_in_samples;                       ///< so that the time of one sample tells that of the batch
};

/// Every peer defines this one. The program then says what it is, and answers until there are no more questions; what
/// a library throws ends it.
System peer();

/// The text of the environment variable, or nothing.
std::string environment(const char* name);

}  // namespace backprove::native
