#pragma once

#include <cmath>
#include <vector>

#include "bench/peers/native/worker.hpp"

/// The network number by number, for libraries that overload the operators of one number.
namespace backprove::native {

/// One affine layer: z_i = b_i + sum_j w_ij a_j. The activations `a` may be plain numbers: the first layer's are data.
template <class A, class In>
std::vector<A> affine(const Layer& layer, const A* weight, const In* a) {
  const A* bias = weight + layer.n_out * layer.n_in;
  std::vector<A> z(bias, bias + layer.n_out);
  for (std::size_t i = 0; i < layer.n_out; ++i)
    for (std::size_t j = 0; j < layer.n_in; ++j) z[i] += weight[i * layer.n_in + j] * a[j];
  return z;
}

inline const std::vector<std::string> functions_by_numbers{"tanh", "relu", "sigmoid", "identity"};

/// In place: `Tool::max0(a)` is max(a, 0) with slope 0 at 0.
template <class Tool, class A, class T>
void activate(const std::string& name, std::vector<A>& a, const T& one) {
  for (A& number : a) {
    if (name == "tanh")
      number = tanh(number);
    else if (name == "relu")
      number = Tool::max0(number);
    else if (name == "sigmoid")
      number = one / (one + exp(-number));
  }
}

/// log sum_j e^(z_j - m) - (z_k - m), m = max z as a constant; or sum_j (z_j - y_j)^2. `Tool::value(a)` is the number
/// alone.
template <class Tool, class A, class T>
A sample_loss(const Job& job, std::vector<A>& z, std::size_t sample, const T& zero) {
  A sum = zero;
  if (!job.has_classes()) {
    for (std::size_t i = 0; i < z.size(); ++i) {
      const A off = z[i] - static_cast<T>(job.y[sample * z.size() + i]);
      sum += off * off;
    }
    return sum;
  }
  T shift = Tool::value(z[0]);
  for (const A& number : z) shift = std::fmax(shift, Tool::value(number));
  for (A& number : z) {
    number -= shift;
    sum += exp(number);
  }
  return log(sum) - z[static_cast<std::size_t>(job.y[sample])];
}

/// The mean loss by the parameters `theta`; x has the data in the library's plain numbers T.
template <class Tool, class A, class T>
A loss_by_numbers(const Job& job, const std::vector<A>& theta, const std::vector<T>& x) {
  A total = T(0);
  for (std::size_t sample = 0; sample < job.samples; ++sample) {
    const A* at = theta.data();
    const T* data = x.data() + sample * job.inputs;
    std::vector<A> a;
    for (const Layer& layer : job.layers) {
      if (layer.n_out > 0) {
        a = a.empty() ? affine(layer, at, data) : affine(layer, at, a.data());
        at += layer.n_out * (layer.n_in + 1);
      } else {
        activate<Tool>(layer.name, a, T(1));
      }
    }
    total += sample_loss<Tool>(job, a, sample, T(0));
  }
  return total / static_cast<T>(job.samples);
}

}  // namespace backprove::native
