#include "verify/generated_network.hpp"

#include <fmt/format.h>

namespace backprove {

std::string generated_network(Index depth, Index width, Index inputs, Index outputs, const std::string& activation) {
  std::string text;
  for (Index l = 1; l <= depth; ++l) {
    const Index n_in = l == 1 ? inputs : width, n_out = l == depth ? outputs : width;
    text += fmt::format("{}affine({},{})", l == 1 ? "" : fmt::format(" {} ", activation), n_in, n_out);
  }
  return text;
}

}  // namespace backprove
