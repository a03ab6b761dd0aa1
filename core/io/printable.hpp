#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace backprove {

/// `text` fit for a one-line message: control characters as \xNN, cut after `most` bytes with "..." in place of the
/// rest.
std::string printable(std::string_view text, std::size_t most = 60);

}  // namespace backprove
