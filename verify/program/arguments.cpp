#include "verify/program/arguments.hpp"

#include <fmt/format.h>

#include <cmath>

#include "verify/program/commands.hpp"

namespace backprove {

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

void ProblemArguments::add_to(CLI::App& command) {
  command.add_option("--loss", loss, "a loss of `backprove list losses`")->capture_default_str();
  command.add_option("--reduction", reduction, "mean or sum over the samples")->capture_default_str();
  command.add_option("--data", data, "synthetic (seeded), or digits (1,797 images of 8x8)")->capture_default_str();
  command.add_option("--seed", seed, "of parameters and data")->capture_default_str();
  command.add_option("--init", initialisation, "glorot, he, orthogonal or scaled")->capture_default_str();
  command.add_option("--gain", gain, "multiplies the initial weights")->capture_default_str();
  command.add_option("--digits", digits, "decimal digits of the reference and of the mpfr scalar, at least")->capture_default_str();
  command.add_option("--memory", memory, "limit on a cell's memory, GiB")->capture_default_str();
  command.add_option("--operations", operations, "limit on a cell's predicted multiplications")->capture_default_str();
}

Recipe ProblemArguments::recipe(const std::vector<std::string>& scalars, Index samples) const {
  Recipe made;
  made.source = data;
  made.initialisation = initialisation;
  if (initialisation != "glorot" && initialisation != "he" && initialisation != "orthogonal" && initialisation != "scaled")
    throw std::invalid_argument(fmt::format("--init expects glorot, he, orthogonal or scaled, got '{}'", initialisation));
  if (data != "synthetic" && data != "digits")
    throw std::invalid_argument(fmt::format("--data expects synthetic or digits, got '{}'", data));
  if (!(std::isfinite(gain) && gain > 0)) throw std::invalid_argument(fmt::format("--gain expects a positive number, got {:g}", gain));
  made.gain = gain;
  made.batch = samples;
  made.seed = seed;
  made.precision = Precision::full;
  for (const std::string& scalar : scalars)
    if (scalar == "float") made.precision = Precision::single;
  made.digits_file = std::string(BACKPROVE_DATA_DIR) + "/digits.csv";
  return made;
}

Reduction ProblemArguments::parsed_reduction() const {
  if (reduction == "mean") return Reduction::mean;
  if (reduction == "sum") return Reduction::sum;
  throw std::invalid_argument(fmt::format("--reduction expects mean or sum, got '{}'", reduction));
}

Limits ProblemArguments::limits() const {
  if (!(memory > 0)) throw std::invalid_argument(fmt::format("--memory expects a positive number of GiB, got {:g}", memory));
  if (!(operations > 0)) throw std::invalid_argument(fmt::format("--operations expects a positive number, got {:g}", operations));
  return {memory * 1024 * 1024 * 1024, operations};
}

Index checked(std::string_view argument, long long value, long long least, long long most) {
  if (value < least || value > most)
    throw std::invalid_argument(fmt::format("{} expects a whole number from {} to {}, got {}", argument, least, most, value));
  return value;
}

void set_digits(unsigned asked, const std::vector<std::string>& scalars) {
  unsigned digits = static_cast<unsigned>(checked("--digits", asked, 30, 1000));
  for (const std::string& scalar : scalars) {
    if (scalar == "cpp_bin_float_50" || scalar == "mpfi") digits = std::max(digits, 70u);
    if (scalar == "cpp_bin_float_100") digits = std::max(digits, 120u);
  }
  set_wide_digits(digits);
}

}  // namespace backprove
