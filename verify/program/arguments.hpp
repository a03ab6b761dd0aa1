#pragma once

#include <CLI/CLI.hpp>
#include <map>

#include "verify/problem.hpp"
#include "verify/certificate.hpp"

/// Arguments that several subcommands share, with their checks. All errors are std::invalid_argument.
namespace backprove {

struct ProblemArguments {
  std::string network, loss = "softmax_cross_entropy", reduction = "mean", data = "synthetic", initialisation = "glorot";
  double gain = 1;
  long long batch = 4;
  std::uint64_t seed = 1;
  unsigned digits = 50;
  double memory = 4, operations = 1e12;

  /// Adds everything but --network and --batch.
  void add_to(CLI::App& command);
  /// A recipe for `batch` samples in the lowest precision among `scalars`.
  Recipe recipe(const std::vector<std::string>& scalars, Index batch) const;
  Reduction parsed_reduction() const;
  Limits limits() const;
};

/// A whole number from `least` to `most`, or an error that names the argument.
Index checked(std::string_view argument, long long value, long long least, long long most);

/// Sets the digits of all high-precision numbers: at least those asked for, and enough to judge every scalar.
void set_digits(unsigned asked, const std::vector<std::string>& scalars);

}  // namespace backprove
