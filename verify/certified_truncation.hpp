#pragma once

#include "core/engine.hpp"
#include "verify/certificate.hpp"

namespace backprove {

/// Bounds of a difference quotient's truncation error from intervals that contain the second and third derivative of
/// the loss over the whole stencil, entry by entry: h/2 |f''| for forward, h^2/6 |f'''| and what unequal distances
/// leave for central differences (Taylor's theorem with Lagrange's remainder). Infinite where a kink may lie in the
/// stencil.
struct CertifiedTruncation {
  Vector<double> bound;  ///< empty if there is none
  std::string missing;   ///< then why
};

/// For the steps that `outcome` reports. The derivatives come from Taylor polynomials of degree 3 whose coefficients
/// are intervals, through the layers' values, which costs up to ten interval operations a multiplication: offered only
/// up to some hundred thousand of them.
CertifiedTruncation certified_truncation(const StrategyInfo& strategy, const Engine& engine,
                                         const SpecifiedProblem& problem, const Options& options,
                                         const Outcome& outcome);

}  // namespace backprove
