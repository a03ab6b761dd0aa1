#include "core/certified.hpp"
#include "core/taped_gradient.hpp"

namespace backprove {

Gradient<Wide> reference_gradient(const Problem<double>& problem, const Options& options) {
  return taped_gradient_of<Wide>(problem, options, [] { return 0; });
}

Vector<double> reference_rounding(const Problem<double>& problem, const Options& options) {
  // The bound of the same operations in double; every term is at least proportional to u, so that for a smaller u it
  // shrinks at least in proportion.
  Arithmetic arithmetic = *rounding_of<Wide>();
  arithmetic.unit_roundoff = 0x1p-53;
  arithmetic.smallest_subnormal = 0x1p-1074;  // MPFR does not underflow, but the bound's own numbers do
  const Gradient<RunningError> bound =
      taped_gradient_of<RunningError>(problem, options, [&] { return ArithmeticScope(arithmetic); });
  const double scale = unit_roundoff<Wide>() / arithmetic.unit_roundoff;
  Vector<double> error(bound.parameters.size() + bound.input.size());
  for (Index i = 0; i < error.size(); ++i) {
    const Index k = i - bound.parameters.size();
    const double e = (k < 0 ? bound.parameters(i) : bound.input.data()[k]).e;
    error(i) = e == 0 ? 0 : std::nextafter(scale * e, std::numeric_limits<double>::infinity());
  }
  return error;
}

}  // namespace backprove
