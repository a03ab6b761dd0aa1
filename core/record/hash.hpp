#pragma once

#include <string>
#include <string_view>

namespace backprove {

/// 16 hexadecimal digits that stand for `text` on every machine and in every version: the 128-bit FNV-1a hash (Fowler,
/// Noll, Vo; offset basis 0x6c62272e07bb014262b821756295c58d, prime 2^88 + 0x13b), its upper 64 bits xor its lower 64.
/// It guards against accidents, not against forgers.
std::string hash_text(std::string_view text);

}  // namespace backprove
