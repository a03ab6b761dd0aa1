#include "core/certified.hpp"
#include "core/taped_gradient.hpp"

namespace backprove {

Gradient<Rational> rational_gradient(const Problem<double>& problem, const Options& options) {
  return taped_gradient_of<Rational>(problem, options, [] { return 0; });
}

}  // namespace backprove
