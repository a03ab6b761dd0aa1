#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/loss.hpp"
#include "core/network.hpp"
#include "core/parallel.hpp"

/// A strategy is a way to multiply the layers' derivatives, or to avoid them. One file of core/strategies is one
/// strategy; the list is generated from the folder.
namespace backprove {

struct Kernel;

/// What to differentiate: the reduced loss of a batch, by all parameters and by the inputs. Borrows everything.
template <class T>
struct Problem {
  const Network& network;
  const Loss& loss;
  ParamsIn<T> theta;
  In<T> x;       ///< inputs() x B
  In<double> y;  ///< target_rows x B: targets are data, exact in every scalar

  Index batch() const { return x.cols(); }
};

struct Options {
  int threads = 1;
  const Kernel* kernel = nullptr;  ///< core/kernels, for float and double; nullptr: the layers' own formulas
  bool whole_batch = false;        ///< sum over all samples in one piece, as kernels do, not over chunks of them
  bool input_gradient = true;
  Index snapshots = 0;        ///< reverse_checkpointed: 0 chooses ceil(log2(layers)) + 1
  double width = 1e-25;       ///< enclosure: width asked for, relative to the block's largest entry
  unsigned most_bits = 8192;  ///< enclosure: cap of the working precision
  double step_factor = 1;     ///< differences: multiplies the default step
  double step_roundoff = 0;   ///< differences: chooses steps for this unit roundoff; 0: for the scalar's own
};

/// What a strategy writes. The caller sizes parameters (P) and input (n_0 x B; empty if not asked for).
template <class T>
struct Gradient {
  T loss = T(0);
  Vector<T> parameters;
  Matrix<T> input;
  /// Differences only: estimated truncation error of every entry (parameters, then inputs), else empty.
  Vector<double> truncation;
  /// Differences only: the step that the quotient divides by, |x+ - x-|; rounding of the losses is amplified by its
  /// inverse.
  Vector<double> step;
  /// Differences only: how far the quotients' changes from step to step fall short of the method's order, in units of
  /// the quotient's rounding: more than that rounding means that the truncation estimate is worth nothing.
  Vector<double> irregularity;
  /// Differences only: 1 where a perturbation crossed a kink, so that the quotient says nothing.
  Vector<signed char> kinked;
  /// Certified strategies only: radius around the value that contains the exact entry, else empty.
  Vector<double> radius;
  /// Further quantities worth a row: name, value, note.
  struct Extra {
    std::string quantity;
    double value;
    std::string note;
  };
  std::vector<Extra> extras;

  void resize(const Problem<T>& problem, bool with_input) {
    parameters.resize(problem.network.parameters());
    input.resize(with_input ? problem.network.inputs() : 0, with_input ? problem.batch() : 0);
  }
};

/// Predicted cost of one gradient of a batch: multiplications, and bytes of memory beside the data.
struct Cost {
  double multiplications = 0;
  double scalars = 0;       ///< numbers held at once
  double scalar_bytes = 0;  ///< memory of one of them; 0 for numbers of the working scalar
};

/// Shape of a problem, for predictions that need no data.
struct Shape {
  const Network& network;
  Index batch;
  bool input_gradient;
  int threads;
  Index snapshots = 0;  ///< as in Options
};

/// A strategy prepared for one problem: calling it writes the gradient; the second call gives the same bits.
template <class T>
using Prepared = std::function<void(Gradient<T>&)>;

/// A strategy S is a stateless type with
///   name, trusts               its name and the formulas that it relies on
///   unsupported<T>(net, loss)  empty, or the mathematical reason why it cannot serve this network, loss and scalar
///   predict(shape)             its cost
///   prepare<T>(problem, options) -> Prepared<T>
template <class S, class T>
concept StrategyAt = requires(const Problem<T>& problem, const Options& options, const Shape& shape,
                              const Network& network, const Loss& loss) {
  { S::name } -> std::convertible_to<std::string_view>;
  { S::trusts } -> std::convertible_to<unsigned>;
  { S::template unsupported<T>(network, loss) } -> std::same_as<std::string>;
  { S::predict(shape) } -> std::same_as<Cost>;
  { S::template prepare<T>(problem, options) } -> std::convertible_to<Prepared<T>>;
};

}  // namespace backprove
