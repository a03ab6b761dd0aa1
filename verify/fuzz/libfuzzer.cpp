/// Entry point for libFuzzer, one parser a program: compile this file and targets.cpp with
/// clang++ -fsanitize=fuzzer,address,undefined -DBACKPROVE_LIBFUZZER='"npy"' (or "network_text", "journal").
/// Without the macro the file is empty, so that a build which compiles everything may compile it.
#ifdef BACKPROVE_LIBFUZZER

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "verify/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const backprove::fuzz::Target& target = []() -> const backprove::fuzz::Target& {
    for (const auto& candidate : backprove::fuzz::targets()) {
      if (candidate.name == BACKPROVE_LIBFUZZER) return candidate;
    }
    std::abort();
  }();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    if (target.repair != nullptr) {
      target.run(target.repair(input));
    } else {
      target.run(input);
    }
  } catch (const std::invalid_argument&) {
  }
  return 0;
}

#endif
