#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The parsers that meet foreign bytes, each with what is needed to try it.
namespace backprove::fuzz {

struct Target {
  std::string_view name;
  /// Good inputs to start from.
  std::vector<std::string> corpus;
  /// Tokens of the language.
  std::vector<std::string_view> dictionary;
  /// Live bytes that the parser may need for one byte of input, its result included; see targets.cpp for the reasons.
  std::size_t bytes_per_byte;
  /// Parses; returns normally for a good input, and throws std::invalid_argument for a bad one. Throws std::logic_error
  /// of another type when a property of a parsed input does not hold.
  void (*run)(std::string_view input);
  /// Makes a spoilt input pass the parser's first line of defence (a checksum, a length), or null.
  std::string (*repair)(std::string_view input);
};

/// npy, network_text and journal.
const std::vector<Target>& targets();

}  // namespace backprove::fuzz
