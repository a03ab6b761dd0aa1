#pragma once

#include <vector>

#include "core/strategy.hpp"

namespace backprove {

/// What entered and left one stage of the reverse sweep, for the whole batch.
template <class T>
struct StageRecord {
  Matrix<T> x;          ///< what entered the layer (n_in x B)
  Matrix<T> y_bar;      ///< the cotangent from above (n_out x B)
  Matrix<T> x_bar;      ///< what the stage computed from it (n_in x B), or empty if nobody needs it
  Vector<T> theta_bar;  ///< and for its parameters, summed over the samples
  Index chunk = 1;      ///< samples that it was summed over in one piece
};

/// A whole reverse sweep: stage l is layer l; the loss's own step takes `output` to the y_bar of the last layer.
template <class T>
struct SweepRecord {
  std::vector<StageRecord<T>> stages;
  Matrix<T> output;  ///< what entered the loss
  Gradient<T> gradient;
};

/// The reverse steps of a sweep, so that one of them can be replaced. Theta_bar is the stage's own part; like the
/// layers' formulas, steps add to it.
template <class T>
class ReverseSteps {
 public:
  virtual ~ReverseSteps() = default;
  virtual void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) const;
  virtual void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
                     ParamsOut<T> theta_bar) const;
};

/// Reverse mode as reverse_vjp runs it (same kernel, same chunks, same order, same bits), with everything written down
/// that enters and leaves its stages. `steps` replace the layers' own, unless a kernel is asked for.
template <class T>
SweepRecord<T> record_sweep(const Problem<T>& problem, const Options& options, const ReverseSteps<T>& steps);

// Compiled once a scalar (record.cpp): every layer's formulas take seconds.
extern template class ReverseSteps<float>;
extern template class ReverseSteps<double>;
extern template SweepRecord<float> record_sweep(const Problem<float>&, const Options&, const ReverseSteps<float>&);
extern template SweepRecord<double> record_sweep(const Problem<double>&, const Options&, const ReverseSteps<double>&);

}  // namespace backprove
