#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

/// The grammar of the network text form. It knows no layer names; those are looked up by the network.
///
///   network = piece { piece }
///   piece   = name | name "(" number { "," number } ")" | name "(" network ")"
///   name    = letter or "_", then letters, digits and "_"
///   number  = digits: a whole number from 1 to 1000000
///
/// White space of any kind may stand between tokens and is needed only between two names.
namespace backprove {

struct NetworkTextLimits {
  static constexpr std::size_t length = std::size_t{1} << 20;  ///< bytes of text
  static constexpr std::size_t pieces = 100'000;               ///< at all depths together
  static constexpr int depth = 64;                             ///< networks inside pieces inside networks
  static constexpr Index number = 1'000'000;
};

/// One piece: `affine(64,32)` has numbers, `residual(affine(8,8) tanh)` has pieces inside, `tanh` neither.
struct Piece {
  std::string name;
  std::vector<Index> numbers;
  std::vector<Piece> inside;
  /// Where it stands in the text: bytes [begin, end), counted from 0.
  std::size_t begin = 0, end = 0;
};

/// The pieces of `text`, at least one. Memory: at most 3 sizeof(Piece) for every two bytes (`a a a`, in a vector that
/// is growing). Errors: std::invalid_argument naming the column (bytes from 1), what was expected and what was found.
std::vector<Piece> parse_network_text(std::string_view text);

/// The canonical form: one space between pieces, none inside parentheses of numbers.
std::string to_text(const std::vector<Piece>& pieces);

/// The piece that begins at byte `begin` of `text` as far as its first ')', or cut after 40 bytes; for messages.
std::string excerpt(std::string_view text, std::size_t begin);

/// "network text, column 14": the start of a message about byte `at`.
std::string network_text_position(std::size_t at);

}  // namespace backprove
