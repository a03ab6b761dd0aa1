#include "verify/program/arguments.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/kernels/kernel.hpp"
#include "core/scalars/wide_digits.hpp"
#include "verify/program/commands.hpp"

namespace backprove {

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

CLI::Validator whole(std::uint64_t least, std::uint64_t most) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        std::uint64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && stop == end && value >= least && value <= most) return "";
        return fmt::format("expected a whole number from {} to {}, got '{}'", least, most, text);
      },
      "");
}

CLI::Validator positive() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        double value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && stop == end && std::isfinite(value) && value > 0) return "";
        return fmt::format("expected a positive number, got '{}'", text);
      },
      "");
}

CLI::Validator text_of(std::string what) {
  return CLI::Validator(
      [what = std::move(what)](std::string& text) {
        return text.empty() ? fmt::format("expected {}, got nothing", what) : "";
      },
      "");
}

void ProblemArguments::add_to(CLI::App& command) {
  command.add_option("--loss", loss, "a loss of `backprove list losses`")->capture_default_str();
  command.add_option("--reduction", reduction, "mean or sum over the samples")->capture_default_str();
  command.add_option("--data", data, "synthetic (seeded), or digits (1,797 images of 8x8)")->capture_default_str();
  command.add_option("--seed", seed, "of parameters and data")
      ->check(whole(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command.add_option("--init", initialisation, "glorot, he, orthogonal or scaled")->capture_default_str();
  command.add_option("--gain", gain, "multiplies the initial weights")->check(positive())->capture_default_str();
  command.add_option("--digits", digits, "decimal digits of the reference and of the mpfr scalar, at least")
      ->check(whole(30, 1000))
      ->capture_default_str();
  command.add_option("--memory", memory, "limit on a cell's memory, GiB")->check(positive())->capture_default_str();
  command.add_option("--operations", operations, "limit on a cell's predicted multiplications")
      ->check(positive())
      ->capture_default_str();
}

Recipe ProblemArguments::recipe(const std::vector<std::string>& scalars, Index samples) const {
  Recipe made;
  made.source = data;
  made.initialisation = initialisation;
  if (initialisation != "glorot" && initialisation != "he" && initialisation != "orthogonal" &&
      initialisation != "scaled")
    throw std::invalid_argument(
        fmt::format("--init expects glorot, he, orthogonal or scaled, got '{}'", initialisation));
  if (data != "synthetic" && data != "digits")
    throw std::invalid_argument(fmt::format("--data expects synthetic or digits, got '{}'", data));
  made.gain = gain;
  made.batch = samples;
  made.seed = seed;
  made.precision = Precision::full;
  for (const std::string& scalar : scalars)
    if (scalar == "float") made.precision = Precision::single;
  made.digits_file = std::string(BACKPROVE_DATA_DIR) + "/digits.csv";
  return made;
}

Reduction reduction_named(const std::string& reduction) {
  if (reduction == "mean") return Reduction::mean;
  if (reduction == "sum") return Reduction::sum;
  throw std::invalid_argument(fmt::format("--reduction expects mean or sum, got '{}'", reduction));
}

Reduction ProblemArguments::parsed_reduction() const { return reduction_named(reduction); }

Limits ProblemArguments::limits() const { return {memory * 1024 * 1024 * 1024, operations}; }

void add_kernel(CLI::App& command, std::string& kernel) {
  std::string names = "plain, auto";
  for (const Kernel& one : kernels()) names += fmt::format(", {}", one.name);
  command
      .add_option("--kernel", kernel,
                  fmt::format("what reverse_vjp and jacobian_structured run in float and double on networks of affine "
                              "and elementwise layers: "
                              "{}. plain: the layers' own formulas; auto: the fastest that this processor has",
                              names))
      ->capture_default_str();
}

void add_enclosure(CLI::App& command, std::string& enclosure) {
  command
      .add_option(
          "--enclosure", enclosure,
          "what computes the intervals that contain the exact gradient: mpfi, arb (scripts/setup --kernels), or "
          "auto: arb where it is installed and right")
      ->capture_default_str();
}

std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items(1);
  int depth = 0;
  for (const char c : list) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth <= 0)
      items.emplace_back();
    else
      items.back() += c;
  }
  for (const std::string& item : items)
    if (item.empty())
      throw std::invalid_argument(fmt::format("expected a list without empty items, as in a,b, got '{}'", list));
  return items;
}

void require_whole_lists(const CLI::App& app, int count, const char* const* arguments) {
  const auto known =
      app.get_subcommands([&](const CLI::App* one) { return count > 1 && one->check_name(arguments[1]); });
  if (known.empty()) return;
  const CLI::Option* option = nullptr;  // the one that the arguments belong to
  for (int i = 2; i < count; ++i) {
    std::string value = arguments[i];
    if (value.starts_with("--")) {
      const auto equals = value.find('=');
      option = known.front()->get_option_no_throw(value.substr(0, equals));
      value = equals == std::string::npos ? "" : value.substr(equals + 1);
    }
    if (!option || option->get_delimiter() != ',' || value.find(',') == std::string::npos) continue;
    try {
      items_of(value);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}: {}", option->get_name(), error.what()));
    }
  }
}

void set_digits(unsigned digits, const std::vector<std::string>& scalars) {
  for (const std::string& scalar : scalars) {
    if (scalar == "cpp_bin_float_50" || scalar == "mpfi") digits = std::max(digits, 70u);
    if (scalar == "cpp_bin_float_100") digits = std::max(digits, 120u);
  }
  set_wide_digits(digits);
}

}  // namespace backprove
