#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// What the front of a .npy file says about the data behind it; checked, but not yet compared with the data's size.
struct NpyHeader {
  /// 'f' floating, 'i' signed, 'u' unsigned, 'b' bool.
  char type = 'f';
  std::size_t item_size = 8;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<Index> shape;
  /// Offset of the first byte of data.
  std::size_t data_begin = 0;
};

/// Magic, version, length and the dict {'descr': ..., 'fortran_order': ..., 'shape': ...}: each key once, in any order,
/// either quotes, any white space, an optional comma at the end. Errors: std::invalid_argument, see parse_npy.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view name);

/// The inverse for what we write: everything before the data, a multiple of 64 bytes long. `descr` such as "<f8".
std::string npy_header_text(std::string_view descr, const std::vector<Index>& shape);

/// As Python prints a tuple: "()", "(3,)", "(3, 4)".
std::string python_tuple(const std::vector<Index>& shape);

}  // namespace backprove
