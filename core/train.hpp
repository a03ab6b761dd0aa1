#pragma once

#include <functional>

#include "core/data.hpp"

namespace backprove {

struct Training {
  Index steps = 0;
  Index batch = 64;
  double rate = 1e-3, decay1 = 0.9, decay2 = 0.999, epsilon = 1e-8;  ///< Adam (Kingma & Ba 2015, algorithm 1)
  std::uint64_t seed = 1;
};

struct Trained {
  double loss = 0;
  double accuracy = 0;  ///< share of samples whose largest output is the target's class; NaN if targets are no classes
};

/// Trains theta in double with Adam on batches drawn from the columns of x and y, by reverse_vjp; `progress(step,
/// loss)` is called now and then. Returns loss and accuracy on all columns after the last step.
Trained train(const Network& network, const Loss& loss, const Training& how, In<double> x, In<double> y,
              Vector<double>& theta, const std::function<void(Index, double)>& progress);

}  // namespace backprove
