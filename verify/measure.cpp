#include "verify/measure.hpp"

#include <cmath>

#include "core/wide_values.hpp"

namespace backprove {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

bool kinked(const Outcome& outcome, Index i) { return outcome.kinked.size() > 0 && outcome.kinked(i) != 0; }
bool irregular(const Tolerance& tolerance, Index i) {
  return tolerance.irregular.size() > 0 && tolerance.irregular(i) != 0;
}

}  // namespace

double distance(const Wide& a, const Wide& b) {
  using boost::multiprecision::abs;
  const Wide difference = abs(Wide(a - b));
  return difference.convert_to<double>();
}

double ratio(double error, double bound) {
  if ((error == 0 || bound == infinite) && bound >= 0) return 0;
  const double quotient = error / bound;
  return quotient >= 0 ? quotient : infinite;
}

Error measure(Certificate& certificate, const Outcome& got, const Tolerance& tolerance,
              const std::vector<Block>& blocks) {
  Error error;
  const Vector<double>& bound = tolerance.bound;
  const bool enclosed = certificate.enclosure_missing().empty();
  for (const Block& block : blocks) {
    bool zero = true;
    double largest = 0, block_error = 0, block_bound = 0;
    for (Index i = block.begin; i < block.begin + block.count; ++i) {
      const Wide reference = certificate.reference_entry(i);
      largest = std::max(largest, std::abs(reference.convert_to<double>()));
      zero = zero && distance(reference, Wide(0)) <= certificate.reference_error()(i);
      if (kinked(got, i)) {
        ++error.kinked;
        continue;
      }
      if (irregular(tolerance, i)) {
        ++error.irregular;
        continue;
      }
      ++error.judged;
      const Wide value = wide_entry(got.gradient, i);
      const bool finite = std::isfinite(value.convert_to<double>()) || !std::isfinite(reference.convert_to<double>());
      if (!finite) ++error.nonfinite;
      const double e = finite ? distance(value, reference) : infinite;
      block_error = std::max(block_error, e);
      if (bound.size() == 0) continue;
      const double allowed = bound(i) + certificate.reference_error()(i);
      block_bound = std::max(block_bound, allowed);
      const double quotient = ratio(e, allowed);
      if (quotient > error.over_bound) {
        error.over_bound = quotient;
        error.worst = i;
      }
      if (enclosed && !certificate.enclosure_entry(i).contains(value, allowed)) ++error.outside;
    }
    error.max_absolute = std::max(error.max_absolute, block_error);
    if (zero) {
      ++error.zero_blocks;
      continue;
    }
    error.max_relative = std::max(error.max_relative, ratio(block_error, largest));
    error.bound_relative = std::max(error.bound_relative, ratio(block_bound, largest));
  }
  return error;
}

double pair_over_bound(const Outcome& a, const Tolerance& of_a, const Outcome& b, const Tolerance& of_b) {
  double worst = 0;
  for (Index i = 0; i < a.gradient.size(); ++i) {
    if (kinked(a, i) || kinked(b, i) || irregular(of_a, i) || irregular(of_b, i)) continue;
    double difference;
    if (a.gradient.is_narrow() && b.gradient.is_narrow())
      difference =
          std::abs(static_cast<double>(static_cast<long double>(a.gradient.as_double(i)) - b.gradient.as_double(i)));
    else
      difference = distance(wide_entry(a.gradient, i), wide_entry(b.gradient, i));
    worst = std::max(worst, ratio(difference, of_a.bound(i) + of_b.bound(i)));
  }
  return worst;
}

}  // namespace backprove
