#pragma once

#include "verify/check/noisy.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// An absolute error of at most `worst` units of u, or of a standard deviation of `typical` ones.
inline void add_absolute_error(RunningError& x, double worst, double) {
  x.e += worst * active_arithmetic().unit_roundoff;
}
template <class W>
void add_absolute_error(Noisy<W>& x, double, double typical) {
  Noise& noise = thread_noise;
  x.v += static_cast<W>(typical * noise.u * noise.normal());
}

/// Reverse mode as other programs may write it, in a scalar that bounds or imitates their rounding. The cotangent that
/// leaves a softmax cross-entropy is p - t: where p is near 1 its error is that of p, which a careful formula for the
/// difference does not have.
template <class T>
class OtherFormulas : public ReverseSteps<T> {
 public:
  /// `ulp`: of the exponential.
  explicit OtherFormulas(double ulp) : exponential(ulp) {}

  void loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) const override {
    ReverseSteps<T>::loss(loss, z, y, batch, g);
    if (loss.targets() != Targets::classes || loss.name() != "softmax_cross_entropy") return;
    using namespace math;
    const double share = to_double(loss.template reduce<T>(T(1), batch));
    // p = e^d/sum: the exponential, a sum of n terms in any order, the division, the difference.
    const double n = static_cast<double>(z.rows());
    const double worst = 2 * exponential + n + 2, typical = 0.75 * exponential + std::sqrt(n) + 1;
    for (Index s = 0; s < g.cols(); ++s)
      add_absolute_error(g(static_cast<Index>(y(0, s)), s), worst * share, typical * share);
  }

 private:
  double exponential;
};

/// The whole gradient by these steps.
template <class T>
Gradient<T> other_gradient(const Problem<T>& problem, bool input_gradient, double ulp) {
  Options options;
  options.input_gradient = input_gradient;
  return record_sweep<T>(problem, options, OtherFormulas<T>(ulp)).gradient;
}

}  // namespace backprove
