#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// .npy files put together byte by byte, independently of the writer.
namespace backprove::test {

/// Magic, version `major`.0, length and `dict` as it is.
inline std::string npy_front(const std::string& dict, int major = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(major);
  text += '\0';
  std::size_t length = dict.size();
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i, length >>= 8) text += static_cast<char>(length & 0xff);
  return text + dict;
}

inline std::string npy_dict(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

/// The bytes of the items, most significant first when `big`.
template <class T>
std::string raw(std::initializer_list<T> items, bool big = false) {
  std::string out;
  for (const T item : items) {
    auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(item);
    if (big) std::ranges::reverse(bytes);
    out.append(bytes.begin(), bytes.end());
  }
  return out;
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace backprove::test
