#include <fmt/format.h>

#include "core/certified.hpp"
#include "core/taped_gradient.hpp"

namespace backprove {

namespace {

/// The widest entry over the largest one, of `count` entries: 0 for points, infinity for NaN or a block that may be zero.
double relative_width(const Interval* entries, Index count) {
  double widest = 0, largest = 0;
  for (Index i = 0; i < count; ++i) {
    const double width = entries[i].width_double(), magnitude = entries[i].magnitude_double();
    if (!(width >= 0) || !std::isfinite(magnitude)) return std::numeric_limits<double>::infinity();
    widest = std::max(widest, width);
    largest = std::max(largest, magnitude);
  }
  return widest == 0 ? 0 : widest / largest;
}

/// The largest relative width over the layers' blocks and the input gradient.
double relative_width(const Network& network, const Gradient<Interval>& gradient) {
  double worst = gradient.input.size() > 0 ? relative_width(gradient.input.data(), gradient.input.size()) : 0;
  for (Index l = 0; l < network.size(); ++l)
    worst = std::max(worst, relative_width(gradient.parameters.data() + network.offset(l), network.parameters(l)));
  return worst;
}

/// Bits to start with: the digits asked for, 1.4 more a layer (what plain intervals lose on a tanh layer), and a few.
unsigned first_bits(const Network& network, double width) {
  const double digits = -std::log10(width) + 1.4 * static_cast<double>(network.depth()) + 4;
  return static_cast<unsigned>(std::ceil(digits * 3.33)) + 16;
}

}  // namespace

Gradient<Interval> enclose_gradient(const Problem<double>& problem, const Options& options) {
  for (unsigned bits = std::min(first_bits(problem.network, options.width), options.most_bits);;
       bits = std::min(2 * bits, options.most_bits)) {
    Gradient<Interval> gradient =
        taped_gradient_of<Interval>(problem, options, [bits] { return PrecisionScope(bits); });
    const double width = relative_width(problem.network, gradient);
    const bool reached = width <= options.width;
    if (!reached && bits < options.most_bits) continue;
    gradient.extras = {{"enclosure_width", width,
                        reached ? "" : fmt::format("cap of {} bits reached; asked for {:g}", bits, options.width)},
                       {"enclosure_bits", static_cast<double>(bits), ""}};
    gradient.radius.resize(gradient.parameters.size() + gradient.input.size());
    for (Index i = 0; i < gradient.radius.size(); ++i) {
      const Index k = i - gradient.parameters.size();
      gradient.radius(i) = (k < 0 ? gradient.parameters(i) : gradient.input.data()[k]).width_double() / 2;
    }
    return gradient;
  }
}

}  // namespace backprove
