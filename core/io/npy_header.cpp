#include "core/io/npy_header.hpp"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <stdexcept>

#include "core/io/printable.hpp"

namespace backprove {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::string_view readable = "float32, float64, bool or an integer of 8 to 64 bits";

[[noreturn]] void refuse(std::string_view name, std::string_view problem) {
  throw std::invalid_argument(fmt::format("{}: {}", printable(name, 400), problem));
}

/// What NumPy calls a type code that we do not read.
std::string_view type_name(std::string_view code) {
  switch (code[0]) {
    case 'O':
      return "Python objects";
    case 'S':
    case 'a':
    case 'U':
      return "strings";
    case 'c':
      return "complex";
    case 'M':
    case 'm':
      return "dates";
    case 'V':
      return "raw or structured";
    default:
      break;
  }
  if (code == "f2") return "float16";
  if (code == "f16" || code == "f12") return "long double";
  return "unknown";
}

/// The dict literal, read from left to right; there is no nesting beyond the one tuple, so there is no recursion.
class HeaderParser {
 public:
  /// `dict` begins at byte `begin` of the file that is called `file`.
  HeaderParser(std::string_view dict, std::size_t begin, std::string_view file)
      : text(dict), offset(begin), name(file) {}

  NpyHeader parse() {
    expect('{', "'{'");
    while (!take('}')) {
      entry();
      if (take(',')) continue;
      expect('}', "',' or '}'");
      break;
    }
    skip_space();
    if (at != text.size()) fail("nothing after the closing '}'");
    if (!descr) fail("the key 'descr' before the end");
    if (!fortran_order) fail("the key 'fortran_order' before the end");
    if (!shape) fail("the key 'shape' before the end");
    NpyHeader header;
    interpret(*descr, header);
    header.fortran_order = *fortran_order;
    header.shape = std::move(*shape);
    header.data_begin = offset + text.size();
    return header;
  }

 private:
  std::string_view text;
  std::size_t offset;
  std::string_view name;
  std::size_t at = 0;
  std::optional<std::string_view> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<Index>> shape;

  [[noreturn]] void fail(std::string_view expected) const {
    const std::string got =
        at < text.size() ? fmt::format("'{}'", printable(text.substr(at), 24)) : "the end of the header";
    refuse(name, fmt::format(".npy header, byte {}: expected {}, got {}", offset + at, expected, got));
  }

  void skip_space() {
    while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) ++at;
  }
  bool take(char c) {
    skip_space();
    if (at == text.size() || text[at] != c) return false;
    ++at;
    return true;
  }
  void expect(char c, std::string_view expected) {
    if (!take(c)) fail(expected);
  }

  void entry() {
    skip_space();
    const std::size_t begin = at;
    const std::string_view key = string("a key: 'descr', 'fortran_order' or 'shape'");
    const std::size_t end = at;
    const auto refuse_key = [&](std::string_view expected) {
      at = begin;
      fail(expected);
    };
    if (key != "descr" && key != "fortran_order" && key != "shape") {
      refuse_key("one of the keys 'descr', 'fortran_order' and 'shape'");
    }
    if ((key == "descr" && descr) || (key == "fortran_order" && fortran_order) || (key == "shape" && shape)) {
      refuse_key("every key once");
    }
    at = end;
    expect(':', "':'");
    if (key == "descr") {
      if (take('[')) refuse(name, fmt::format("structured dtype '[{}'; expected {}", rest(), readable));
      descr = string("a dtype in quotes");
    } else if (key == "fortran_order") {
      fortran_order = boolean();
    } else {
      shape = tuple();
    }
  }

  std::string rest() const { return printable(text.substr(at), 32); }

  std::string_view string(std::string_view expected) {
    skip_space();
    if (at == text.size() || (text[at] != '\'' && text[at] != '"')) fail(expected);
    const std::size_t begin = at + 1;
    const std::size_t end = text.find(text[at], begin);
    if (end == std::string_view::npos) fail("a closing quote");
    at = end + 1;
    return text.substr(begin, end - begin);
  }

  bool boolean() {
    skip_space();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text.substr(at, word.size()) == word) {
        at += word.size();
        return value;
      }
    }
    fail("True or False");
  }

  std::vector<Index> tuple() {
    expect('(', "a tuple of dimensions");
    std::vector<Index> dimensions;
    while (!take(')')) {
      if (dimensions.size() == 2) refuse(name, "the array has more than 2 dimensions; expected 0, 1 or 2");
      dimensions.push_back(dimension());
      if (take(',')) continue;
      if (dimensions.size() == 1) fail("',' after the only dimension");
      expect(')', "',' or ')'");
      break;
    }
    return dimensions;
  }

  Index dimension() {
    skip_space();
    const std::size_t begin = at;
    Index value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      if (__builtin_mul_overflow(value, Index{10}, &value) || __builtin_add_overflow(value, text[at] - '0', &value)) {
        at = begin;
        fail("a dimension below 2^63");
      }
      ++at;
    }
    if (at == begin) fail("a dimension");
    if (text[begin] == '0' && at - begin > 1) {
      at = begin;
      fail("a dimension without leading zeros");
    }
    return value;
  }

  /// A dtype is its byte order (< little, > big, = the machine's, | none), its type and its size in bytes.
  void interpret(std::string_view dtype, NpyHeader& header) const {
    const auto refuse_dtype = [&](std::string_view what) {
      refuse(name, fmt::format("dtype '{}' ({}) is not read; expected {}", printable(dtype, 24), what, readable));
    };
    const bool ordered = !dtype.empty() && std::string_view("<>=|").find(dtype[0]) != std::string_view::npos;
    const std::string_view code = dtype.substr(ordered ? 1 : 0);
    if (code.empty()) refuse_dtype("unknown");
    const bool one = code == "b1" || code == "i1" || code == "u1";
    const bool more = code == "i2" || code == "i4" || code == "i8" || code == "u2" || code == "u4" || code == "u8" ||
                      code == "f4" || code == "f8";
    if (!one && !more) refuse_dtype(type_name(code));
    if (!ordered || (more && dtype[0] == '|')) refuse_dtype("without a byte order");
    header.type = code[0];
    header.item_size = static_cast<std::size_t>(code[1] - '0');
    header.big_endian = dtype[0] == '>' || (dtype[0] == '=' && std::endian::native == std::endian::big);
  }
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, magic.size()) != magic.substr(0, text.size()) || text.empty()) {
    refuse(name, "expected a .npy file, which begins with '\\x93NUMPY', got something else");
  }
  const auto number = [&](std::size_t begin, std::size_t count) {
    if (bytes.size() < begin + count) {
      refuse(name, fmt::format("cut .npy file: expected at least {} bytes, got {}", begin + count, bytes.size()));
    }
    std::size_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::size_t>(bytes[begin + i]);
    return value;
  };
  const std::size_t major = number(6, 1);
  const std::size_t minor = number(7, 1);
  if (major < 1 || major > 3 || minor != 0) {
    refuse(name, fmt::format(".npy format version {}.{}; expected 1.0, 2.0 or 3.0", major, minor));
  }
  const std::size_t width = major == 1 ? 2 : 4;
  const std::size_t begin = 8 + width;
  const std::size_t length = number(8, width);
  if (length > bytes.size() - begin) {
    refuse(name,
           fmt::format("cut .npy file: the header promises {} bytes, {} are there", length, bytes.size() - begin));
  }
  return HeaderParser(text.substr(begin, length), begin, name).parse();
}

std::string python_tuple(const std::vector<Index>& shape) {
  if (shape.size() == 1) return fmt::format("({},)", shape[0]);
  std::string out = "(";
  for (const Index dimension : shape) out += fmt::format("{}{}", out.size() > 1 ? ", " : "", dimension);
  return out + ")";
}

std::string npy_header_text(std::string_view descr, const std::vector<Index>& shape) {
  std::string dict =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr, python_tuple(shape));
  const std::size_t before = magic.size() + 4;  // version, and the length in two bytes
  while ((before + dict.size() + 1) % 64 != 0) dict += ' ';
  dict += '\n';
  std::string text(magic);
  for (const std::size_t byte : {std::size_t{1}, std::size_t{0}, dict.size() & 0xff, dict.size() >> 8}) {
    text += static_cast<char>(byte);
  }
  return text + dict;
}

}  // namespace backprove
