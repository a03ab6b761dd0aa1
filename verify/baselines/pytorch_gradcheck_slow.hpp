#pragma once

#include "verify/rules/function.hpp"

namespace backprove::baselines {

/// Every entry of the Jacobian against central differences.
struct PytorchGradcheckSlow {
  static constexpr std::string_view name = "pytorch_gradcheck_slow";
  static constexpr std::string_view source = "torch.autograd.gradcheck: eps 1e-6, atol 1e-5, rtol 1e-3";

  template <class T>
  static bool accepts(const ClaimedFunction<T>& f) {
    const Matrix<T> claimed = claimed_jacobian(f);
    for (Index k = 0; k < f.x.size(); ++k) {
      const Vector<T> numerical = central_column(f, k, T(1e-6));
      for (Index i = 0; i < f.outputs; ++i)
        if (!close(claimed(i, k), numerical(i), 1e-5, 1e-3)) return false;
    }
    return true;
  }
};

}  // namespace backprove::baselines
