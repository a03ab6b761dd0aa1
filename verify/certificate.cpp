#include "verify/certificate.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/engine.hpp"
#include "core/scalars/traits.hpp"

namespace backprove {

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
