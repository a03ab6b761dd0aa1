#include "core/record/hash.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace backprove {

std::string hash_text(std::string_view text) {
  __extension__ using Wide = unsigned __int128;
  const Wide prime = (Wide{1} << 88) + 0x13b;
  Wide hash = (Wide{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return fmt::format("{:016x}", static_cast<std::uint64_t>(hash >> 64) ^ static_cast<std::uint64_t>(hash));
}

}  // namespace backprove
