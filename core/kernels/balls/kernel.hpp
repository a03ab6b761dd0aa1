#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/strategy.hpp"

/// What computes the intervals of an enclosure: MPFI always, Arb's balls (midpoint and radius, Johansson 2017) where
/// they are installed. Without them everything still works and is enclosed within the same width.
namespace backprove {

class Interval;

struct EnclosureKernel {
  std::string_view name, description;
  /// Empty, or why it cannot be used: "not installed when this was built".
  std::string (*missing)();
  /// Intervals that contain the exact gradient and loss, by arithmetic of `bits` bits; no extras and no radii.
  Gradient<Interval> (*enclose)(const Problem<double>&, const Options&, unsigned bits);

  /// Empty, or what its own check found wrong when this process first asked: a kernel is not used then.
  std::string wrong() const;
};

/// The tape over MPFI's intervals, which the others are checked against.
const EnclosureKernel& mpfi_enclosure();
/// Whole batches in Arb's balls.
const EnclosureKernel& arb_enclosure();

/// What the check of `kernel` finds: small problems with every elementary function, kinks, several layers and samples.
/// Its intervals must overlap MPFI's, contain the reference within that one's rounding error, and not be far wider.
std::string difference_from_mpfi(const EnclosureKernel& kernel);

/// "mpfi", "arb", or "auto": Arb where it is installed and right. For the whole process; once, before threads start.
/// Throws std::invalid_argument with the known names, or with the reason why this one cannot be used.
void choose_enclosure(std::string_view name);

/// enclose_gradient by one kernel. One that is missing or wrong, and one whose intervals do not get narrower with twice
/// the bits, gives way to MPFI, as the note of enclosure_by_balls says.
Gradient<Interval> enclose_gradient_by(const EnclosureKernel& kernel, const Problem<double>& problem,
                                       const Options& options);

}  // namespace backprove
