#pragma once

namespace backprove {

/// The decimal digits of all high-precision numbers (Wide, core/scalars/multiprecision.hpp), the same for the whole
/// process: set once, before threads start. 50 until somebody sets another number.
void set_wide_digits(unsigned digits);
unsigned wide_digits();

}  // namespace backprove
