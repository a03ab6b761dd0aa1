#pragma once

#include <functional>
#include <string>

#include "core/data.hpp"
#include "core/record/cell.hpp"
#include "core/train.hpp"

/// One problem of a sweep: what is differentiated, in whatever scalar and by whatever strategy.
namespace backprove {

struct ProblemSpec {
  std::string network;  ///< text form
  std::string loss;
  Reduction reduction = Reduction::mean;
  Recipe recipe;
  Index train = 0;  ///< training steps before the gradients are checked
};

/// The network, the loss and the data of a spec, made once and shared by all strategies and scalars.
class SpecifiedProblem {
 public:
  /// Throws std::invalid_argument for anything that does not fit. `say` gets lines about the training.
  explicit SpecifiedProblem(ProblemSpec of);
  /// Makes the data; may train, which takes time.
  void make(const std::function<void(const std::string&)>& say);

  const Network& network() const { return net; }
  const Loss& loss() const { return kind; }
  const Data& data() const { return numbers; }
  /// What make() allocates for the data.
  double data_bytes() const;
  const ProblemSpec& spec() const { return from; }
  /// A cell without strategy, scalar and threads.
  Cell cell() const;
  /// Loss and accuracy that training reached; accuracy is NaN without classes. Only if spec().train > 0.
  const Trained& trained() const { return reached; }
  /// Whether training left finite parameters; there is nothing to check otherwise.
  bool finite() const { return stayed_finite; }

 private:
  ProblemSpec from;
  Network net;
  Loss kind;
  Data numbers;
  Trained reached;
  bool stayed_finite = true;
};

/// Consecutive entries of the flat gradient that are judged together: a layer's parameters, or all inputs.
struct Block {
  std::string name;
  Index begin, count;
};
std::vector<Block> blocks_of(const Network& network, Index batch, bool input_gradient);

}  // namespace backprove
