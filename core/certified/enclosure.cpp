#include <fmt/format.h>

#include "core/certified.hpp"
#include "core/kernels/balls/kernel.hpp"

namespace backprove {

namespace {

/// The widest entry over the largest one, of `count` entries: 0 for points, infinity for NaN, 1 or more if all may be
/// zero. In MPFR's numbers, since gradients behind saturated layers lie below the smallest double.
double relative_width(const Interval* entries, Index count) {
  Wide width(0), magnitude(0), widest(0), largest(0);
  for (Index i = 0; i < count; ++i) {
    mpfi_diam_abs(width.backend().data(), entries[i].get());
    mpfi_mag(magnitude.backend().data(), entries[i].get());
    if (!(width >= 0) || mpfr_number_p(magnitude.backend().data()) == 0) return std::numeric_limits<double>::infinity();
    if (width > widest) widest = width;
    if (magnitude > largest) largest = magnitude;
  }
  if (widest == 0) return 0;
  mpfr_div(width.backend().data(), widest.backend().data(), largest.backend().data(), MPFR_RNDU);
  return mpfr_get_d(width.backend().data(), MPFR_RNDU);
}

/// Half the width, rounded up.
double radius(const Interval& x) {
  const double width = x.width_double();
  return width == 0 ? 0 : std::nextafter(width / 2, std::numeric_limits<double>::infinity());
}

/// Whether all entries may be 0 and are below `width` times the smallest subnormal double, so that none of their digits
/// could matter to any scalar in use. A block that is exactly 0 never gets narrow compared with its entries.
bool negligible(const Interval* entries, Index count, double width) {
  Wide magnitude(0), most(0x1p-1074);
  mpfr_mul_d(most.backend().data(), most.backend().data(), width, MPFR_RNDD);
  for (Index i = 0; i < count; ++i) {
    mpfi_mag(magnitude.backend().data(), entries[i].get());
    if (!(magnitude <= most) || mpfi_has_zero(entries[i].get()) <= 0) return false;
  }
  return true;
}

/// The largest relative width over the layers' blocks and the input gradient; negligible blocks count as zero.
struct Width {
  double worst = 0;
  int negligible_blocks = 0;

  Width(const Network& network, const Gradient<Interval>& gradient, double asked) {
    add(gradient.input.data(), gradient.input.size(), asked);
    for (Index l = 0; l < network.size(); ++l)
      add(gradient.parameters.data() + network.offset(l), network.parameters(l), asked);
  }

 private:
  void add(const Interval* entries, Index count, double asked) {
    const double width = relative_width(entries, count);
    if (width > asked && negligible(entries, count, asked))
      ++negligible_blocks;
    else
      worst = std::max(worst, width);
  }
};

/// Bits to start with: the digits asked for, 1.4 more a layer (what plain intervals lose on a tanh layer), and a few;
/// no more than the cap, whatever is asked for.
unsigned first_bits(const Network& network, const Options& options) {
  const double digits = -std::log10(options.width) + 1.4 * static_cast<double>(network.depth()) + 4;
  const double bits = std::max(std::ceil(digits * 3.33), 0.0) + 16;
  return bits < options.most_bits ? static_cast<unsigned>(bits) : options.most_bits;
}

/// The kernel that is used, and why if it is not the one that was asked for.
struct Choice {
  const EnclosureKernel* kernel;
  std::string reason;

  explicit Choice(const EnclosureKernel& asked) : kernel(&asked), reason(asked.missing()) {
    if (reason.empty() && !asked.wrong().empty()) reason = "wrong on this machine: " + asked.wrong();
    if (!reason.empty()) give_way(reason);
  }
  bool can_give_way() const { return kernel != &mpfi_enclosure(); }
  void give_way(const std::string& why) {
    reason = fmt::format("MPFI's intervals in place of {}: {}", kernel->name, why);
    kernel = &mpfi_enclosure();
  }
};

Gradient<Interval> finished(Gradient<Interval> gradient, const Width& width, const Options& options, unsigned bits,
                            const Choice& choice) {
  const bool reached = width.worst <= options.width;
  gradient.extras = {{"enclosure_width", width.worst,
                      reached ? "" : fmt::format("cap of {} bits reached; asked for {:g}", bits, options.width)},
                     {"enclosure_bits", static_cast<double>(bits), ""},
                     {"negligible_blocks", static_cast<double>(width.negligible_blocks), ""},
                     {"enclosure_by_balls", choice.can_give_way() ? 1.0 : 0.0, choice.reason}};
  gradient.radius.resize(gradient.parameters.size() + gradient.input.size());
  for (Index i = 0; i < gradient.radius.size(); ++i) {
    const Index k = i - gradient.parameters.size();
    gradient.radius(i) = radius(k < 0 ? gradient.parameters(i) : gradient.input.data()[k]);
  }
  return gradient;
}

}  // namespace

Gradient<Interval> enclose_gradient_by(const EnclosureKernel& asked, const Problem<double>& problem,
                                       const Options& options) {
  Choice choice(asked);
  double before = std::numeric_limits<double>::infinity();
  unsigned bits = first_bits(problem.network, options);
  for (;;) {
    Gradient<Interval> gradient = choice.kernel->enclose(problem, options, bits);
    const Width width(problem.network, gradient, options.width);
    const bool reached = width.worst <= options.width;
    // More bits do not help where a kink lies inside, or a number overflows: MPFI has the last word there.
    if (!reached && choice.can_give_way() && !(width.worst < before / 2)) {
      choice.give_way(fmt::format("they are {:.3g} wide with {} bits", width.worst, bits));
      continue;
    }
    if (reached || bits >= options.most_bits) return finished(std::move(gradient), width, options, bits, choice);
    before = width.worst;
    bits = std::min(2 * bits, options.most_bits);
  }
}

}  // namespace backprove
