#pragma once

#include <map>
#include <string>

#include "bench/limits.hpp"
#include "bench/probes/rates.hpp"
#include "core/kernels/kernel.hpp"
#include "core/loss.hpp"
#include "core/network.hpp"

namespace backprove {

/// The shortest time that a gradient by reverse mode could take here, part by part, in seconds.
struct LimitTime {
  double products = 0;  ///< of all matrix products, each at the best rate of any trusted library at its shape
  double values = 0;    ///< of the elementwise layers, as fast as on arrays in the first cache
  double slopes = 0;    ///< cotangents times their slopes, likewise
  double memory = 0;    ///< one sample: weights read twice and their gradient written, in place of products
  double loss = 0;      ///< of softmax cross-entropy and its gradient, likewise; other losses are left out
  std::string by;       ///< whose products were the best

  double elementwise() const { return values + slopes + loss; }
  double total() const { return products + elementwise() + memory; }
};

/// Why there is no limit of such a gradient; empty if there is.
std::string unknown_limit(const Network& network, const std::string& scalar);

/// Measures limits on demand: products by every library of core/kernels/products that is there and
/// right, on as many threads as the cell has, every thread its own.
class LimitProbe {
 public:
  explicit LimitProbe(MeasuredRates& in) : rates(in) {}

  /// Of the loss and the parameter gradient (and the input gradient) of a network of affine and elementwise layers in
  /// float or double. Throws std::invalid_argument where `unknown_limit` says why.
  LimitTime of(const Network& network, const Loss& loss, Index batch, bool input_gradient, const std::string& scalar,
               int threads);
  /// Time of loss and gradient over that of the loss: [(3 - r) G + e_f + e_b]/(G + e_f), where G is what the products
  /// of the loss take by the fused kernel, e_f and e_b what values and slopes take, and r the part of the loss's
  /// multiplications that lie in the first affine layer, whose input's cotangent nobody asks for (0 with the input
  /// gradient). Throws as `of` does.
  double ratio_to_loss(const Network& network, Index batch, bool input_gradient, const std::string& scalar,
                       int threads);

  /// Seconds a product by the fused kernel: of a call in which every thread has products of its own, over all of these.
  double fused_product(const ProductShape& shape, const std::string& scalar, int threads);
  /// Bytes a second that a = b + s c moves in arrays that fill `bytes` together, on every thread its share; on copies
  /// as a gradient is sampled (copies_of).
  double bandwidth(double bytes, int threads);

 private:
  MeasuredRates& rates;

  double product(Index n_in, Index n_out, Index batch, bool for_parameters, const std::string& scalar, int threads,
                 std::map<std::string, int>& by);
  template <class T>
  double loss(const Kernel& kernel, Index n, Index batch, int threads);
  template <class T>
  double elementwise(const Network& network, Index batch, bool input_gradient, bool slopes, int threads);
  void elementwise(const Network& network, Index batch, bool input_gradient, const std::string& scalar, int threads,
                   LimitTime& limit);
};

}  // namespace backprove
