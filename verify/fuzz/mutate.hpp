#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backprove::fuzz {

/// Splitmix64 (Steele, Lea, Flood 2014): any seed is a good one, so every input can have its own.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state(seed) {}

  std::uint64_t next() {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// From 0 to `end` - 1; 0 when `end` is 0.
  std::size_t below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(next() % end); }
  char byte() { return static_cast<char>(next() & 0xff); }

 private:
  std::uint64_t state;
};

/// Spoils inputs: the result depends on the seed, the corpus and the dictionary alone.
class Mutator {
 public:
  static constexpr std::size_t longest = 4096;

  /// `samples` are good inputs, at least one; `words` are tokens of the language.
  Mutator(std::span<const std::string> samples, std::span<const std::string_view> words)
      : corpus(samples), dictionary(words) {}

  /// A good input with one to eight changes, fewer being more likely.
  std::string operator()(Random& random) const {
    std::string text = corpus[random.below(corpus.size())];
    const std::size_t changes = 1 + random.below(1 + random.below(8));
    for (std::size_t i = 0; i < changes; ++i) change(text, random);
    if (text.size() > longest) text.resize(longest);
    return text;
  }

 private:
  std::span<const std::string> corpus;
  std::span<const std::string_view> dictionary;

  void change(std::string& text, Random& random) const {
    const std::size_t at = random.below(text.size() + 1);
    const std::size_t rest = text.size() - at;
    switch (random.below(10)) {
      case 0:  // flip one bit
        if (rest > 0) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 1:  // another byte
        if (rest > 0) text[at] = random.byte();
        break;
      case 2:  // cut the end off
        text.resize(at);
        break;
      case 3:  // take a piece out
        text.erase(at, random.below(std::min<std::size_t>(rest, 32) + 1));
        break;
      case 4:  // insert arbitrary bytes
        text.insert(at, std::string(1 + random.below(8), random.byte()));
        break;
      case 5:  // insert a word
        text.insert(at, dictionary[random.below(dictionary.size())]);
        break;
      case 6:  // repeat a piece
        text.insert(random.below(text.size() + 1), text.substr(at, random.below(64)));
        break;
      case 7:  // go on with the end of another input
        splice(text, at, random);
        break;
      case 8:  // another decimal number
        tweak_decimal(text, at, random);
        break;
      default:  // another binary number
        tweak_binary(text, at, random);
    }
  }

  void splice(std::string& text, std::size_t at, Random& random) const {
    const std::string& other = corpus[random.below(corpus.size())];
    text.resize(at);
    text += other.substr(random.below(other.size() + 1));
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  static void tweak_decimal(std::string& text, std::size_t from, Random& random) {
    static constexpr auto numbers = std::to_array<std::string_view>({"0",
                                                                     "-1",
                                                                     "1",
                                                                     "2",
                                                                     "00",
                                                                     "255",
                                                                     "1e3",
                                                                     "3.5",
                                                                     "65536",
                                                                     "1000000",
                                                                     "1000001",
                                                                     "2147483648",
                                                                     "4294967296",
                                                                     "1000000000000",
                                                                     "9007199254740993",
                                                                     "9223372036854775807",
                                                                     "9223372036854775808",
                                                                     "18446744073709551616",
                                                                     "100000000000000000000",
                                                                     "1e999",
                                                                     "NaN"});
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), is_digit);
    const auto end = std::find_if_not(begin, text.end(), is_digit);
    if (begin != end) text.replace(begin, end, numbers[random.below(numbers.size())]);
  }

  static void tweak_binary(std::string& text, std::size_t at, Random& random) {
    static constexpr auto numbers =
        std::to_array<std::uint64_t>({0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff,
                                      0x7ff0000000000000, 0x7fffffffffffffff, 0xffffffffffffffff});
    std::uint64_t number = numbers[random.below(numbers.size())] + random.below(3) - 1;
    const std::size_t size = std::size_t{1} << random.below(4);
    for (std::size_t i = at; i < std::min(at + size, text.size()); ++i, number >>= 8) {
      text[i] = static_cast<char>(number & 0xff);
    }
  }
};

}  // namespace backprove::fuzz
