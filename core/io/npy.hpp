#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

/// NumPy's .npy files, format versions 1.0, 2.0 and 3.0 (numpy.lib.format; NEP 1): arrays of up to two dimensions.
namespace backprove {

/// What a .npy file holds, promoted to double without rounding.
struct NpyArray {
  enum class Kind { floating, integer };
  /// A bool counts as an integer, 0 or 1.
  Kind kind = Kind::floating;
  /// Bytes of one item in the file: 4 or 8 for floating, 1, 2, 4 or 8 for integer.
  int item_size = 8;
  /// Zero, one or two dimensions: (), (rows) or (rows, columns).
  std::vector<Index> shape;
  /// In C order, rows first, whatever the order in the file.
  std::vector<double> values;
  bool was_float32 = false;

  /// As Python prints it: "()", "(3,)", "(3, 4)".
  std::string shape_text() const;
  /// The position of values[at] as "[]", "[2]" or "[1, 2]".
  std::string position_text(std::size_t at) const;
};

/// Reads float32, float64, bool and the integers of 8 to 64 bits, either byte order, C or Fortran order, from memory.
/// `name` is only for messages. Allocates at most eight bytes for every byte of `bytes`.
/// Errors, all std::invalid_argument: not a .npy file, cut or with bytes left over, a header that is not the expected
/// Python dict, another dtype, more than two dimensions, an integer that is not exact in double, a bool beyond 1, an
/// array without elements that has a dimension above 10^6.
NpyArray parse_npy(std::span<const std::byte> bytes, std::string_view name);

/// `parse_npy` of a file; also std::invalid_argument when there is none, or not a readable regular one.
NpyArray read_npy(const std::filesystem::path& path);

/// std::invalid_argument naming the first NaN or infinity, if there is one.
void require_finite(const NpyArray& array, std::string_view name);

/// Writes float64 or float32 (little endian, C order, version 1.0) of shape (), (n) or (rows, columns); as safe as
/// `write_file`. Errors: std::invalid_argument when the shape does not hold values.size() elements or has more than two
/// dimensions, std::runtime_error when the file cannot be written.
void write_npy(const std::filesystem::path& path, std::span<const double> values, const std::vector<Index>& shape);
void write_npy(const std::filesystem::path& path, std::span<const float> values, const std::vector<Index>& shape);

}  // namespace backprove
