#include "verify/limits.hpp"

#include <fmt/format.h>

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

}  // namespace backprove
