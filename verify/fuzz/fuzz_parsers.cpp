#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>

#include "verify/fuzz/allocations.hpp"
#include "verify/fuzz/mutate.hpp"
#include "verify/fuzz/targets.hpp"

#if defined(__has_feature)  // clang
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__  // NOLINT(bugprone-reserved-identifier): GCC's name for it
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

/// Tries every parser on many spoilt inputs. An input must be accepted or refused with std::invalid_argument of one
/// line, within `bytes_per_byte` of memory for every byte of it and a constant for messages; anything else ends the
/// program with status 1 and prints what repeats it. To be compiled with -fsanitize=address,undefined.
namespace {

using namespace backprove::fuzz;

/// Messages, exceptions, and what a container takes before it holds anything.
constexpr std::size_t constant_bytes = std::size_t{64} * 1024;

struct Options {
  std::uint64_t iterations = 1'000'000, seed = 1, first = 0;
  std::string only;
};

/// What is being tried, for a report when the sanitizer ends the process.
struct Current {
  std::string_view target;
  std::uint64_t seed = 0, iteration = 0;
  std::string input;
} current;

void report(std::string_view problem) {
  fmt::print(stderr, "fuzz_parsers: {}: {}\n", current.target, problem);
  fmt::print(stderr, "repeat with: --only {} --seed {} --first {} --iterations 1\ninput:", current.target, current.seed,
             current.iteration);
  for (const char c : current.input) fmt::print(stderr, " {:02x}", static_cast<unsigned char>(c));
  fmt::print(stderr, "\n");
}

[[noreturn]] void fail(std::string_view problem) {
  report(problem);
  std::exit(1);
}

/// True when the input was accepted.
bool accepted(const Target& target, std::string_view input) {
  try {
    target.run(input);
    return true;
  } catch (const std::invalid_argument& refusal) {
    const std::string_view message = refusal.what();
    if (message.empty() || message.find('\n') != std::string_view::npos) fail("the refusal is not one line");
    if (message.size() > 2000) fail("the refusal is too long");
  } catch (const std::exception& error) {
    fail(fmt::format("{}: {}", typeid(error).name(), error.what()));
  } catch (...) {
    fail("an exception that is none of the standard library's");
  }
  return false;
}

bool try_one(const Target& target, const Mutator& mutate, std::uint64_t iteration) {
  Random random(current.seed * 0x9e3779b97f4a7c15 + iteration);
  current.iteration = iteration;
  current.input = mutate(random);
  if (target.repair != nullptr && random.below(4) != 0) current.input = target.repair(current.input);

  Allocations& counts = allocations();
  const std::size_t limit = target.bytes_per_byte * current.input.size() + constant_bytes;
  const std::size_t before = counts.live;
  counts.reset();
  counts.refuse_above = limit;
  const bool good = accepted(target, current.input);
  counts.refuse_above = static_cast<std::size_t>(-1);
  if (counts.largest > limit) fail(fmt::format("asked for {} bytes at once, limit {}", counts.largest, limit));
  if (counts.peak - before > limit) fail(fmt::format("held {} bytes, limit {}", counts.peak - before, limit));
  if (counts.live != before) fail(fmt::format("kept {} bytes", counts.live - before));
  return good;
}

void try_target(const Target& target, const Options& options) {
  using Clock = std::chrono::steady_clock;
  current.target = target.name;
  current.seed = options.seed;
  const Mutator mutate(target.corpus, target.dictionary);
  for (const std::string& sample : target.corpus) {  // once, so that what is set up on first use is not counted
    try {
      target.run(sample);
    } catch (const std::invalid_argument&) {
    }
  }
  const auto start = Clock::now();
  std::uint64_t good = 0;
  for (std::uint64_t i = 0; i < options.iterations; ++i) {
    if (try_one(target, mutate, options.first + i)) ++good;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print("{}: {} inputs, {} accepted, {} refused, {:.1f} s\n", target.name, options.iterations, good,
             options.iterations - good, seconds);
}

std::uint64_t number(const std::string& name, const std::string& text) {
  try {
    std::size_t used = 0;
    const std::uint64_t value = std::stoull(text, &used);
    if (used == text.size()) return value;
  } catch (const std::exception&) {
  }
  throw std::invalid_argument(fmt::format("{}: expected a whole number, got '{}'", name, text));
}

Options parse_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string name = words[i];
    if (i + 1 == count) throw std::invalid_argument(fmt::format("{}: expected a value after it", name));
    const std::string value = words[i + 1];
    if (name == "--iterations") {
      options.iterations = number(name, value);
    } else if (name == "--seed") {
      options.seed = number(name, value);
    } else if (name == "--first") {
      options.first = number(name, value);
    } else if (name == "--only") {
      options.only = value;
    } else {
      throw std::invalid_argument(
          fmt::format("unknown option '{}'; known are --iterations --seed --first --only", name));
    }
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback([] { report("stopped by the sanitizer, see above"); });
#endif
  try {
    const Options options = parse_options(count, words);
    bool any = false;
    for (const Target& target : targets()) {
      if (!options.only.empty() && options.only != target.name) continue;
      any = true;
      try_target(target, options);
    }
    if (!any) throw std::invalid_argument(fmt::format("--only: there is no parser '{}'", options.only));
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "fuzz_parsers: {}\n", error.what());
    return 2;
  }
  return 0;
}
