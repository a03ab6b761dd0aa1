#pragma once

#include <CLI/CLI.hpp>
#include <map>

#include "verify/limits.hpp"
#include "verify/problem.hpp"

/// Arguments that several subcommands share, with their checks. All errors are std::invalid_argument.
namespace backprove {

struct ProblemArguments {
  std::string network, loss = "softmax_cross_entropy", reduction = "mean", data = "synthetic",
                       initialisation = "glorot";
  double gain = 1;
  long long batch = 4;
  std::uint64_t seed = 1;
  unsigned digits = 50;
  double memory = 4, operations = 1e12;

  /// Adds everything but --network and --batch.
  void add_to(CLI::App& command);
  /// A recipe for `batch` samples in the lowest precision among `scalars`.
  Recipe recipe(const std::vector<std::string>& scalars, Index samples) const;
  Reduction parsed_reduction() const;
  Limits limits() const;
};

/// Throws std::invalid_argument for anything but mean and sum.
Reduction reduction_named(const std::string& reduction);

/// Checks of one argument as it was written: a whole number in decimal digits from `least` to `most`; a positive
/// number; a text that is not empty, else the error names what was expected.
CLI::Validator whole(std::uint64_t least, std::uint64_t most);
CLI::Validator positive();
CLI::Validator text_of(std::string what);

/// Adds --kernel, which kernel_named (core/kernels/kernel.hpp) reads.
void add_kernel(CLI::App& command, std::string& kernel);
/// Adds --enclosure, which choose_enclosure (core/kernels/balls/kernel.hpp) reads.
void add_enclosure(CLI::App& command, std::string& enclosure);

/// The items of a list as people write it, "tanh,affine(4,4)": commas inside parentheses belong to the item. Throws if
/// one is empty.
std::vector<std::string> items_of(const std::string& list);

/// Refuses lists with an empty item, as in "float,,double", which the parser would drop without a word. To be called
/// before it runs.
void require_whole_lists(const CLI::App& app, int count, const char* const* arguments);

/// More samples, and wider networks, than any of the limits lets pass.
inline constexpr std::uint64_t most_samples = 1000000, most_threads = 1024;

/// Sets the digits of all high-precision numbers: at least those asked for, and enough to judge every scalar.
void set_digits(unsigned digits, const std::vector<std::string>& scalars);

}  // namespace backprove
