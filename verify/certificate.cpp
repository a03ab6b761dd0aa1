#include "verify/certificate.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/scalars/traits.hpp"

namespace backprove {

double bytes_of(const Cost& cost, std::size_t bytes_a_scalar) {
  return cost.scalars * (cost.scalar_bytes > 0 ? cost.scalar_bytes : static_cast<double>(bytes_a_scalar));
}

std::string beyond(const Limits& limits, const Cost& cost, std::size_t bytes_a_scalar) {
  const double bytes = bytes_of(cost, bytes_a_scalar);
  if (cost.multiplications > limits.multiplications)
    return fmt::format("needs about {:.3g} multiplications, the limit is {:.3g}", cost.multiplications,
                       limits.multiplications);
  if (bytes > limits.bytes) return fmt::format("needs about {:.3g} bytes, the limit is {:.3g}", bytes, limits.bytes);
  return "";
}

Certificate::Certificate(const SpecifiedProblem& of, const Limits& within, bool input_gradient) : problem(of) {
  options.input_gradient = input_gradient;
  options.width = std::min(1e-25, std::pow(10.0, 15.0 - static_cast<double>(wide_digits())));
  const Shape shape{of.network(), of.spec().recipe.batch, input_gradient, 1};
  no_reference = beyond(within, strategy_named("reference").predict(shape), storage_bytes<Wide>());
  no_enclosure = beyond(within, strategy_named("enclosure").predict(shape), storage_bytes<Interval>());
}

Problem<double> Certificate::in_double() const {
  const Data& data = problem.data();
  return {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y)};
}

const Gradient<Wide>& Certificate::reference() {
  std::call_once(made_reference, [&] {
    values = reference_gradient(in_double(), options);
    error = reference_rounding(in_double(), options);
    if (no_enclosure.empty()) enclosure();
    for (Index i = 0; i < error.size(); ++i) {
      if (!no_enclosure.empty()) continue;
      const double distance = enclosure_entry(i).farthest_double(flat_entry(values, i));
      if (!(error(i) <= distance)) error(i) = distance;
    }
  });
  return values;
}

const Vector<double>& Certificate::reference_error() {
  reference();
  return error;
}

const Gradient<Interval>& Certificate::enclosure() {
  std::call_once(made_enclosure, [&] { intervals = enclose_gradient(in_double(), options); });
  return intervals;
}

}  // namespace backprove
