#include "verify/stage_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace backprove {

namespace {

/// "layer 3, tanh(16)" -> "tanh"; "loss, squared_error" -> "squared_error".
std::string kind_of(const std::string& stage) {
  const std::size_t begin = stage.find(", ");
  const std::string name = begin == std::string::npos ? stage : stage.substr(begin + 2);
  return name.substr(0, name.find('('));
}

double median(std::vector<double> numbers) {
  if (numbers.empty()) return std::nan("");
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

struct Line {
  std::vector<double> ratios, resolutions;
};

std::string histogram(const std::vector<double>& ratios) {
  constexpr std::array<double, 7> edges{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
  std::string text = "error over bound, all tensors:";
  double below = 0;
  for (const double edge : edges) {
    const auto count = std::ranges::count_if(ratios, [&](double r) { return r > below && r <= edge; });
    text += fmt::format("  {}-{:g}: {}", below == 0 ? std::string("0") : fmt::format("{:g}", below), edge, count);
    below = edge;
  }
  return text + fmt::format("  exactly 0: {}  over 1: {}\n", std::ranges::count(ratios, 0.0),
                            std::ranges::count_if(ratios, [](double r) { return !(r <= 1); }));
}

}  // namespace

std::string stage_table(const std::vector<Row>& rows) {
  std::map<std::array<std::string, 3>, Line> lines;
  std::vector<double> all;
  for (const Row& row : rows) {
    if (row.quantity != "stage_error_over_bound" && row.quantity != "stage_resolution") continue;
    const auto stage = row.cell.options.find("stage"), tensor = row.cell.options.find("tensor");
    if (stage == row.cell.options.end() || tensor == row.cell.options.end()) continue;
    Line& line = lines[{kind_of(stage->second), tensor->second, row.cell.scalar}];
    if (row.quantity == "stage_resolution") {
      if (std::isfinite(row.value) && row.value > 0) line.resolutions.push_back(row.value);
    } else if (row.status != Status::inconclusive) {
      line.ratios.push_back(row.value);
      all.push_back(row.value);
    }
  }
  if (lines.empty()) return "";
  std::string text = fmt::format("{:<24}{:<20}{:<8}{:>8}{:>12}{:>12}{:>14}\n", "stage", "tensor", "scalar", "judged",
                                 "median", "largest", "resolution");
  for (const auto& entry : lines) {
    const Line& line = entry.second;
    const double largest = line.ratios.empty() ? std::nan("") : *std::ranges::max_element(line.ratios);
    text += fmt::format("{:<24}{:<20}{:<8}{:>8}{:>12.3g}{:>12.3g}{:>14.2g}\n", entry.first[0], entry.first[1],
                        entry.first[2], line.ratios.size(), median(line.ratios), largest, median(line.resolutions));
  }
  return text + histogram(all);
}

}  // namespace backprove
