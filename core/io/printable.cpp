#include "core/io/printable.hpp"

#include <fmt/format.h>

#include <iterator>

namespace backprove {

std::string printable(std::string_view text, std::size_t most) {
  const bool cut = text.size() > most;
  std::string out;
  out.reserve(text.size() < most ? text.size() : most + 3);
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return cut ? out + "..." : out;
}

}  // namespace backprove
