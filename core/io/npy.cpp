#include "core/io/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "core/io/file.hpp"
#include "core/io/npy_header.hpp"
#include "core/io/printable.hpp"

namespace backprove {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written as the machine keeps its numbers");

/// An array without elements may still claim rows; more than this is refused.
constexpr Index largest_empty_dimension = 1'000'000;

[[noreturn]] void refuse(std::string_view name, std::string_view problem) {
  throw std::invalid_argument(fmt::format("{}: {}", printable(name, 400), problem));
}

/// The number of elements, or -1 when it does not fit.
Index element_count(const std::vector<Index>& shape) {
  Index count = 1;
  for (const Index dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(count, dimension, &count)) return -1;
  }
  return count;
}

/// Compares what the header promises with the bytes that are there, before anything is allocated.
std::size_t checked_count(const NpyHeader& header, std::size_t bytes, std::string_view name) {
  const Index count = element_count(header.shape);
  Index promised = 0;
  if (count < 0 || __builtin_mul_overflow(count, static_cast<Index>(header.item_size), &promised)) {
    refuse(name, fmt::format("the header promises shape {}, {} bytes are there", python_tuple(header.shape), bytes));
  }
  if (static_cast<std::size_t>(promised) != bytes) {
    refuse(name, fmt::format("the header promises {} bytes of data for shape {} with items of {} bytes, {} are there",
                             promised, python_tuple(header.shape), header.item_size, bytes));
  }
  if (count == 0 && std::ranges::any_of(header.shape, [](Index d) { return d > largest_empty_dimension; })) {
    refuse(name, fmt::format("shape {} has no elements; expected dimensions up to {} then", python_tuple(header.shape),
                             largest_empty_dimension));
  }
  return static_cast<std::size_t>(count);
}

template <class T>
T load(const std::byte* from, bool big_endian) {
  std::array<std::byte, sizeof(T)> raw;
  std::copy_n(from, sizeof(T), raw.begin());
  if (big_endian) std::ranges::reverse(raw);
  return std::bit_cast<T>(raw);
}

/// An integer is exact in double when its significant bits span at most 53.
template <class T>
bool exact_in_double(T value) {
  if constexpr (std::is_floating_point_v<T> || sizeof(T) < 8) {
    return true;
  } else {
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = value < T{0} ? std::uint64_t{0} - bits : bits;
    return magnitude == 0 || magnitude >> std::countr_zero(magnitude) < std::uint64_t{1} << 53;
  }
}

template <class T>
void decode(const NpyHeader& header, std::span<const std::byte> data, std::string_view name, NpyArray& array) {
  const bool transposed = header.fortran_order && header.shape.size() == 2;
  const std::size_t cols = transposed ? static_cast<std::size_t>(header.shape[1]) : 1;
  const std::size_t rows = transposed ? static_cast<std::size_t>(header.shape[0]) : array.values.size();
  std::size_t at = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c, ++at) {
      const T item = load<T>(data.data() + (c * rows + r) * sizeof(T), header.big_endian);
      if (!exact_in_double(item)) {
        refuse(name, fmt::format("the integer {} at {} is not exact in double; expected at most 53 significant bits",
                                 item, array.position_text(at)));
      }
      if (header.type == 'b' && item > T{1}) {
        refuse(name, fmt::format("the bool at {} is the byte {}; expected 0 or 1", array.position_text(at), item));
      }
      array.values[at] = static_cast<double>(item);
    }
  }
}

using Decoder = void (*)(const NpyHeader&, std::span<const std::byte>, std::string_view, NpyArray&);

/// Indexed by the binary logarithm of the item's size.
constexpr std::array<Decoder, 4> decode_signed{decode<std::int8_t>, decode<std::int16_t>, decode<std::int32_t>,
                                               decode<std::int64_t>};
constexpr std::array<Decoder, 4> decode_unsigned{decode<std::uint8_t>, decode<std::uint16_t>, decode<std::uint32_t>,
                                                 decode<std::uint64_t>};
constexpr std::array<Decoder, 4> decode_floating{nullptr, nullptr, decode<float>, decode<double>};

template <class T>
void write_array(const std::filesystem::path& path, std::span<const T> values, const std::vector<Index>& shape) {
  if (shape.size() > 2) {
    throw std::invalid_argument(
        fmt::format("{}: shape {} has more than 2 dimensions", quoted(path), python_tuple(shape)));
  }
  const Index count = element_count(shape);
  if (count < 0 || static_cast<std::size_t>(count) != values.size()) {
    throw std::invalid_argument(
        fmt::format("{}: shape {} does not hold {} values", quoted(path), python_tuple(shape), values.size()));
  }
  const std::string header = npy_header_text(sizeof(T) == 4 ? "<f4" : "<f8", shape);
  write_file(path, {std::as_bytes(std::span(header)), std::as_bytes(values)});
}

}  // namespace

std::string NpyArray::shape_text() const { return python_tuple(shape); }

std::string NpyArray::position_text(std::size_t at) const {
  if (shape.empty()) return "[]";
  if (shape.size() == 1) return fmt::format("[{}]", at);
  const auto cols = static_cast<std::size_t>(shape[1]);
  return fmt::format("[{}, {}]", at / cols, at % cols);
}

NpyArray parse_npy(std::span<const std::byte> bytes, std::string_view name) {
  NpyHeader header = parse_npy_header(bytes, name);
  const auto data = bytes.subspan(header.data_begin);
  const std::size_t count = checked_count(header, data.size(), name);

  NpyArray array;
  array.kind = header.type == 'f' ? NpyArray::Kind::floating : NpyArray::Kind::integer;
  array.item_size = static_cast<int>(header.item_size);
  array.was_float32 = header.type == 'f' && header.item_size == 4;
  array.shape = header.shape;
  array.values.resize(count);
  const auto& decoders = header.type == 'f' ? decode_floating : header.type == 'i' ? decode_signed : decode_unsigned;
  decoders.at(static_cast<std::size_t>(std::countr_zero(header.item_size)))(header, data, name, array);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.native()); }

void require_finite(const NpyArray& array, std::string_view name) {
  for (std::size_t at = 0; at < array.values.size(); ++at) {
    if (!std::isfinite(array.values[at])) {
      refuse(name, fmt::format("expected finite numbers, got {} at {}", array.values[at], array.position_text(at)));
    }
  }
}

void write_npy(const std::filesystem::path& path, std::span<const double> values, const std::vector<Index>& shape) {
  write_array(path, values, shape);
}
void write_npy(const std::filesystem::path& path, std::span<const float> values, const std::vector<Index>& shape) {
  write_array(path, values, shape);
}

}  // namespace backprove
