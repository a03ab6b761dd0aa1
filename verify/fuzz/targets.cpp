#include "verify/fuzz/targets.hpp"

#include <limits>
#include <stdexcept>

#include "core/io/network_text.hpp"
#include "core/io/npy.hpp"
#include "core/io/npy_header.hpp"
#include "core/record/hash.hpp"
#include "core/record/journal_text.hpp"

namespace backprove::fuzz {
namespace {

/// Thrown when a parser accepted an input and then broke a promise; never caught as a refusal.
void promise(bool holds, const char* what) {
  if (!holds) throw std::domain_error(what);
}

void run_npy(std::string_view input) {
  const NpyArray array = parse_npy(std::as_bytes(std::span(input)), "input.npy");
  std::size_t count = 1;
  for (const Index dimension : array.shape) count *= static_cast<std::size_t>(dimension);
  promise(array.shape.size() <= 2, "at most two dimensions");
  promise(count == array.values.size(), "as many values as the shape says");
  promise(array.values.size() * static_cast<std::size_t>(array.item_size) <= input.size(), "no values from nowhere");
  require_finite(array, "input.npy");
}

void run_network_text(std::string_view input) {
  const std::vector<Piece> pieces = parse_network_text(input);
  promise(!pieces.empty(), "at least one piece");
  promise(pieces.back().end <= input.size(), "positions inside the text");
}

void run_journal(std::string_view input) {
  const JournalText journal = parse_journal(input, "input");
  promise(journal.good_length <= input.size(), "nothing good beyond the end");
  promise(journal.good_length == 0 || input[journal.good_length - 1] == '\n', "good up to the end of a line");
  promise(journal.notice.empty() == (journal.good_length == input.size()), "a notice when and only when torn");
}

/// Puts the checksum that fits on every line but the first and a torn last one.
std::string repair_journal(std::string_view input) {
  constexpr std::string_view field = ",\"checksum\":\"";
  std::string out;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::string_view line = input.substr(0, end);
    const std::size_t at = line.rfind(field);
    out += line.substr(0, at);
    if (at != std::string_view::npos) {
      out += field;
      out += hash_text(line.substr(0, at));
      out += "\"}";
    }
    if (end == std::string_view::npos) break;
    out += '\n';
    input.remove_prefix(end + 1);
  }
  return out;
}

/// Writes the header's real length, up to its last '}' and the white space behind that, where the length belongs, and
/// cuts or lengthens the data to what the header promises.
std::string repair_npy(std::string_view input) {
  std::string out(input);
  const std::size_t width = input.size() > 6 && input[6] == 1 ? 2 : 4;
  std::size_t end = input.rfind('}');
  if (end == std::string_view::npos || end < 8 + width) return out;
  for (++end; end < input.size() && (input[end] == ' ' || input[end] == '\n');) ++end;
  std::size_t length = end - (8 + width);
  for (std::size_t i = 0; i < width; ++i, length >>= 8) out[8 + i] = static_cast<char>(length & 0xff);
  try {
    const NpyHeader header = parse_npy_header(std::as_bytes(std::span(out)), "");
    std::size_t data = header.item_size;
    for (const Index dimension : header.shape) data *= static_cast<std::size_t>(dimension);
    if (data < 1024) out.resize(header.data_begin + data, '\1');
  } catch (const std::invalid_argument&) {
  }
  return out;
}

std::string npy_file(std::string_view dict, std::size_t data, int major = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(major);
  text += '\0';
  text += static_cast<char>(dict.size());
  text.append(major == 1 ? 1 : 3, '\0');
  text += dict;
  for (std::size_t i = 0; i < data; ++i) text += static_cast<char>(i % 2);
  return text;
}

Target npy() {
  return {"npy",
          {npy_file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }  \n", 48),
           npy_file("{'descr': '>f4', 'fortran_order': True, 'shape': (3, 2), }  \n", 24, 2),
           npy_file("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }\n", 24, 3),
           npy_file("{'shape': (), 'descr': '>u8', 'fortran_order': False}", 8),
           npy_file("{\"descr\": \"|b1\", \"shape\": (4, 1,), \"fortran_order\": True}", 4),
           npy_file("{'descr':'<i2','fortran_order':False,'shape':(0,5)}", 0),
           npy_file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", 8)},
          {"'descr': ", "'fortran_order': ",
           "'shape': ", "True",
           "False",     "(",
           ")",         ",",
           "{",         "}",
           "'",         "\"",
           "[",         "<f8",
           ">f4",       "|b1",
           "|u1",       "<i8",
           ">u8",       "|O",
           "<U5",       "<c16",
           "<M8[ns]",   "(1000000000000, 64)",
           "(2,)",      "()",
           "(1, 1, 1)", "\x93NUMPY\x01"},
          // Integers of one byte become doubles of eight; everything else is views on the input.
          8,
          run_npy,
          repair_npy};
}

Target network_text() {
  return {"network_text",
          {"affine(64,32) tanh affine(32,10)", "residual(affine(8,8) tanh)", "layer_norm(8)",
           "affine(4,4) residual(layer_norm(4) residual(affine(4,4) gelu_tanh)) softmax",
           " affine ( 1 , 1000000 )\n\ttanh", "a a a a a a a a a a a a a a a a"},
          {"affine(", "residual(", "layer_norm(", "tanh", "(", ")", ",", " ", "\n", "1", "0", "-1", "1000000",
           "1000001", "r(r(r(r(r(r(r(r(", "))))))))", "a a a a a a a a ", "1,1,1,1,1,1,1,1,"},
          // A piece takes two bytes of text ("a "), and a growing vector holds its old and its doubled storage at once.
          3 * sizeof(Piece) / 2,
          run_network_text,
          nullptr};
}

Target journal() {
  Cell cell;
  cell.network = "affine(2,2)";
  cell.options = {{"train", "0"}};
  const std::vector<Row> one{make_row(cell, "error_over_bound", 0.1)};
  const std::vector<Row> odd{
      make_row(cell, "loss", -std::numeric_limits<double>::infinity(), Status::nonfinite, "\"\n\xc3\xa9")};
  const std::string begin(journal_header());
  return {"journal",
          {begin, begin + journal_line("a", {}), begin + journal_line("a", one), begin + journal_line("b", odd),
           begin + journal_line("a", {}) + journal_line("b", one), begin + journal_line("a", {}) + "{\"key\":\"c"},
          {"{",
           "}",
           "[",
           "]",
           "{}",
           "[]",
           "[[[[[[[[",
           ",",
           ":",
           "\"",
           "\\",
           "\\u0000",
           "\\ud800",
           "null",
           "true",
           "\"nan\"",
           "\"key\":",
           "\"rows\":",
           ",\"checksum\":\"",
           "\"value\":",
           "\"cell\":{",
           "\"options\":{",
           "\n",
           "{\"backprove_journal\":1}\n",
           "{\"\":0},",
           "[],[],[],[],",
           "\xff",
           "1e999",
           "-1",
           "1.5"},
          // JSON holds each "[]," or "{}," (three bytes) as a value of 16 bytes in a list that is growing (three times
          // that) and up to 48 bytes of its own: 32 a byte; a short field, {"":"" (five bytes), as a map node of 80
          // bytes and a text of 32. At the depth that is allowed, nesting adds to that only once.
          64,
          run_journal,
          repair_journal};
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> list{npy(), network_text(), journal()};
  return list;
}

}  // namespace backprove::fuzz
