#include "core/io/network_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/io/printable.hpp"

namespace backprove {
namespace {

constexpr std::size_t excerpt_length = 40;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Recursive descent; the depth is counted, so the stack is bounded.
class NetworkTextParser {
 public:
  explicit NetworkTextParser(std::string_view whole) : text(whole) {}

  std::vector<Piece> parse() {
    if (text.size() > NetworkTextLimits::length) {
      throw std::invalid_argument(
          fmt::format("network text: expected at most {} bytes, got {}", NetworkTextLimits::length, text.size()));
    }
    std::vector<Piece> pieces = network(0);
    if (at < text.size()) fail(at, "expected a piece or the end of the text, got ')' that closes nothing");
    if (pieces.empty()) fail(at, "expected at least one piece such as 'affine(64,32)', got an empty text");
    return pieces;
  }

 private:
  std::string_view text;
  std::size_t at = 0;
  std::size_t count = 0;

  [[noreturn]] static void fail(std::size_t where, std::string_view problem) {
    throw std::invalid_argument(fmt::format("{}: {}", network_text_position(where), problem));
  }

  /// What stands at the current position: a word as far as the next separator, or one separator.
  std::string found() const {
    if (at == text.size()) return "the end of the text";
    std::size_t end = at + 1;
    if (word_character(text[at])) {
      while (end < text.size() && word_character(text[end])) ++end;
    }
    return fmt::format("'{}'", printable(text.substr(at, end - at), excerpt_length));
  }
  static bool word_character(char c) { return !is_space(c) && c != '(' && c != ')' && c != ','; }

  void skip_space() {
    while (at < text.size() && is_space(text[at])) ++at;
  }
  bool next_is(char c) {
    skip_space();
    return at < text.size() && text[at] == c;
  }

  /// Pieces as far as ')' or the end of the text; the caller judges which of the two it wants.
  std::vector<Piece> network(int depth) {
    std::vector<Piece> pieces;
    for (skip_space(); at < text.size() && text[at] != ')'; skip_space()) {
      if (text[at] == ',') fail(at, "expected a piece, got ','; pieces are separated by spaces");
      if (!is_letter(text[at])) {
        fail(at, fmt::format("expected a piece such as 'affine(64,32)' or 'tanh', got {}", found()));
      }
      pieces.push_back(piece(depth));
    }
    return pieces;
  }

  Piece piece(int depth) {
    if (++count > NetworkTextLimits::pieces) {
      fail(at, fmt::format("expected at most {} pieces, got more", NetworkTextLimits::pieces));
    }
    Piece result;
    result.begin = at;
    while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
    result.end = at;
    result.name = text.substr(result.begin, at - result.begin);
    if (!next_is('(')) return result;
    ++at;
    skip_space();
    if (at < text.size() && is_letter(text[at])) {
      if (depth == NetworkTextLimits::depth) {
        fail(at, fmt::format("expected networks nested at most {} deep, got one more", NetworkTextLimits::depth));
      }
      result.inside = network(depth + 1);
    } else {
      result.numbers = numbers(result);
    }
    close(result);
    result.end = at;
    return result;
  }

  void close(const Piece& opened) {
    if (next_is(')')) {
      ++at;
      return;
    }
    fail(at, fmt::format("expected {}')' to close '{}(' opened at column {}, got {}",
                         opened.numbers.empty() ? "" : "',' or ", printable(opened.name, excerpt_length),
                         opened.begin + 1, found()));
  }

  std::vector<Index> numbers(const Piece& opened) {
    std::vector<Index> result{number(opened)};
    while (next_is(',')) {
      ++at;
      skip_space();
      result.push_back(number(opened));
    }
    return result;
  }

  Index number(const Piece& opened) {
    const std::size_t begin = at;
    if (at == text.size() || !word_character(text[at])) {
      fail(at, fmt::format("'{}': expected a number{}, got {}", excerpt(text, opened.begin),
                           text[begin - 1] == '(' ? " or a piece" : "", found()));
    }
    Index value = 0;
    while (at < text.size() && is_digit(text[at])) {
      value = std::min(value * 10 + (text[at] - '0'), NetworkTextLimits::number + 1);
      ++at;
    }
    const bool whole = at == text.size() || !word_character(text[at]);
    if (!whole || value < 1 || value > NetworkTextLimits::number) {
      at = begin;
      fail(begin, fmt::format("'{}': widths are whole numbers from 1 to {}, got {}", excerpt(text, opened.begin),
                              NetworkTextLimits::number, found()));
    }
    return value;
  }
};

void append_text(const std::vector<Piece>& pieces, std::string& out) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) out += ' ';
    out += pieces[i].name;
    if (pieces[i].numbers.empty() && pieces[i].inside.empty()) continue;
    out += '(';
    std::string_view separator;
    for (const Index number : pieces[i].numbers) {
      out += fmt::format("{}{}", separator, number);
      separator = ",";
    }
    append_text(pieces[i].inside, out);
    out += ')';
  }
}

}  // namespace

std::vector<Piece> parse_network_text(std::string_view text) { return NetworkTextParser(text).parse(); }

std::string to_text(const std::vector<Piece>& pieces) {
  std::string out;
  append_text(pieces, out);
  return out;
}

std::string excerpt(std::string_view text, std::size_t begin) {
  const std::string_view rest = text.substr(std::min(begin, text.size()), excerpt_length + 1);
  const std::size_t close = rest.find(')');
  return printable(close == std::string_view::npos ? rest : rest.substr(0, close + 1), excerpt_length);
}

std::string network_text_position(std::size_t at) { return fmt::format("network text, column {}", at + 1); }

}  // namespace backprove
