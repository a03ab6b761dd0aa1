#include "bench/instructions.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "bench/block_text.hpp"
#include "bench/peers/process.hpp"
#include "bench/restarts.hpp"

namespace backprove {

namespace {

using nlohmann::json;

constexpr double patience = 1800;

/// The path of valgrind, empty if there is none.
std::string valgrind() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/valgrind";
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

/// The sum in a file that callgrind wrote.
double total_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("totals: ")) return std::stod(line.substr(8));
  throw std::runtime_error("callgrind left no total");
}

/// Removes its files at the end.
struct CountFiles {
  std::filesystem::path base;
  ~CountFiles() {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(base.parent_path(), ignored))
      if (entry.path().filename().string().starts_with(base.filename().string()))
        std::filesystem::remove(entry.path(), ignored);
  }
};

/// What one of two processes counts, side by side: counts are the same however busy the machine is. The split depends
/// on predictions alone, so that the calls of a process are the same everywhere.
struct Share {
  std::vector<std::string> names;
  double multiplications = 0;
};

/// Strategies from the most costly on, each to the share with the least; the loss last, in the first share.
std::array<Share, 2> shares_of(std::vector<std::pair<double, std::string>> costs) {
  std::ranges::stable_sort(costs, std::ranges::greater(), &std::pair<double, std::string>::first);
  std::array<Share, 2> shares;
  for (const auto& [multiplications, name] : costs) {
    Share& least = *std::ranges::min_element(shares, {}, &Share::multiplications);
    least.names.push_back(name);
    least.multiplications += multiplications;
  }
  shares[0].names.emplace_back("loss");
  return shares;
}

/// Callgrind, which writes a file after each call of backprove_counted_call.
struct CallgrindRun {
  const BenchBlock& block;
  std::vector<std::string> names;
  CountFiles files;
  AnsweringProcess process;

  CallgrindRun(const BenchBlock& of, const std::string& name, const std::vector<std::string>& what)
      : block(of),
        names(what),
        files{of.work / ("callgrind." + name)},
        // Few settings, so that nothing else moves the stack.
        process({valgrind(), "--tool=callgrind", "--quiet", "--toggle-collect=backprove_counted_call",
                 "--zero-before=backprove_counted_call", "--dump-after=backprove_counted_call",
                 "--callgrind-out-file=" + files.base.string(), program_of(of), "bench-worker"},
                {"OMP_NUM_THREADS=1", "PATH=/usr/bin:/bin"}, 2, of.work / ("callgrind-errors." + name)) {
    process.say({{"op", "count"}, {"block", to_json(block)}, {"strategies", names}});
  }

  std::vector<Row> rows() {
    std::vector<Row> all;
    for (std::size_t k = 0; k < names.size(); ++k) {
      const json answer = process.hear(patience);
      if (answer.contains("error")) throw std::runtime_error(answer.at("error").get<std::string>());
      Cell cell = block.cell(names[k], 1);
      cell.kernel = answer.at("kernel");
      all.push_back(make_row(cell, "instructions", total_of(fmt::format("{}.{}", files.base.string(), k + 1)),
                             Status::ok, "one call, by callgrind"));
    }
    return all;
  }
};

}  // namespace

std::vector<Row> count_instructions(const BenchBlock& block, const std::vector<const StrategyInfo*>& strategies) {
  std::vector<Row> rows;
  const auto missing = [&](std::string_view name, Status status, const std::string& why) {
    rows.push_back(make_row(block.cell(name, 1), "instructions", std::nan(""), status, why));
  };
  std::string none;
  if (block.engine->name() == "long_double") none = "valgrind computes long double in 64 bits";
  if (none.empty() && valgrind().empty()) none = "valgrind is not installed (scripts/setup)";
  std::vector<std::pair<double, std::string>> costs;
  const Shape shape{block.problem->network(), block.problem->spec().recipe.batch, block.options.input_gradient, 1};
  for (const StrategyInfo* strategy : strategies) {
    const double predicted = strategy->predict(shape).multiplications;
    if (!none.empty())
      missing(strategy->name, Status::unsupported, none);
    else if (predicted > block.most_counted)
      missing(strategy->name, Status::limit,
              fmt::format("{:.3g} multiplications, the limit under valgrind is {:.3g}", predicted, block.most_counted));
    else
      costs.emplace_back(predicted, strategy->name);
  }
  if (!none.empty()) missing("loss", Status::unsupported, none);
  if (costs.empty()) return rows;
  const auto failed = [&](const std::vector<std::string>& names, const std::exception& error) {
    for (const std::string& name : names) missing(name, Status::failed, error.what());
  };
  std::vector<std::unique_ptr<CallgrindRun>> running;
  for (const Share& share : shares_of(costs)) {
    if (share.names.empty()) continue;
    try {
      running.push_back(std::make_unique<CallgrindRun>(block, std::to_string(running.size()), share.names));
    } catch (const std::exception& error) {
      failed(share.names, error);
    }
  }
  for (const auto& run : running) {
    try {
      for (Row& row : run->rows()) rows.push_back(std::move(row));
    } catch (const std::exception& error) {
      failed(run->names, error);
    }
  }
  return rows;
}

}  // namespace backprove
