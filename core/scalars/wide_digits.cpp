#include "core/scalars/wide_digits.hpp"

#include "core/scalars/multiprecision.hpp"

namespace backprove {

void set_wide_digits(unsigned digits) { Wide::default_precision(digits); }
unsigned wide_digits() { return Wide::default_precision(); }

}  // namespace backprove
