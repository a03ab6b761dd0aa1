#include "bench/restarts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "bench/block_text.hpp"
#include "bench/fraction.hpp"
#include "bench/peers/process.hpp"
#include "core/io/file.hpp"

namespace backprove {

namespace {

using nlohmann::json;

constexpr double patience = 3600;

std::vector<std::string> own_environment() {
  std::vector<std::string> settings;
  for (char** one = environ; *one != nullptr; ++one) settings.emplace_back(*one);
  return settings;
}

bool same(const TimedCell& a, const TimedCell& b) { return a.what == b.what && a.cell == b.cell; }

/// Adds a process's samples to those of the ones before it; what it did not sample is left out from now on.
void append(std::vector<TimedCell>& all, const std::vector<TimedCell>& more) {
  std::vector<TimedCell> kept;
  for (TimedCell& one : all) {
    const auto found = std::ranges::find_if(more, [&](const TimedCell& other) { return same(one, other); });
    if (found == more.end()) continue;
    one.processes.push_back(found->processes.front());
    kept.push_back(std::move(one));
  }
  all = std::move(kept);
}

/// The answer behind the lines that say what is going on.
json last_answer(AnsweringProcess& process, const std::function<void(const std::string&)>& say) {
  for (;;) {
    json answer = process.hear(patience);
    if (answer.contains("error")) throw std::runtime_error(answer.at("error").get<std::string>());
    if (!answer.contains("say")) return answer;
    say(answer.at("say"));
  }
}

std::filesystem::path answer_file(const BenchBlock& block, int k) {
  return block.work / fmt::format("{}.{}.json", block.key(), k);
}

/// What a process has said before, if anything that can be read.
std::optional<json> known_answer(const BenchBlock& block, int k) {
  std::ifstream file(answer_file(block, k));
  json answer = json::parse(file, nullptr, false);
  if (!file || answer.is_discarded()) return std::nullopt;
  return answer;
}

/// Lets a fresh process verify and sample these cells.
json sampled(const BenchBlock& block, const std::vector<AcceptedCell>& cells, int k,
             const std::function<void(const std::string&)>& say) {
  json question{{"op", "sample"},
                {"block", to_json(block)},
                {"cells", json::array()},
                {"fastest_ways", fraction_probe().fastest_ways()}};
  for (const AcceptedCell& cell : cells) question["cells"].push_back({cell.strategy->name, cell.threads});
  AnsweringProcess process({program_of(block), "bench-worker"}, own_environment(), INT_MAX, block.work / "worker.err");
  process.say(question);
  json answer = last_answer(
      process, [&](const std::string& line) { say(fmt::format("process {} of {}: {}", k + 1, block.restarts, line)); });
  fraction_probe().learn(answer.value("fastest_ways", MeasuredRates::Fastest()));
  return answer;
}

/// Adds what process k says of cells that are wanted, and of losses.
void add(const json& answer, int k, const std::function<bool(const Cell&)>& wanted, const BenchBlock& block,
         Restarted& found) {
  std::vector<TimedCell> timed;
  for (const json& one : answer.at("timed")) {
    TimedCell cell = timed_cell_from_json(one);
    if (cell.what == "loss" || wanted(cell.cell)) timed.push_back(std::move(cell));
  }
  if (k == 0)
    found.timed = std::move(timed);
  else
    append(found.timed, timed);
  for (const json& one : answer.at("rejected")) {
    const AcceptedCell cell{&strategy_named(one.at(0).get<std::string>()), one.at(1)};
    if (!wanted(block.cell(cell.strategy->name, cell.threads))) continue;
    found.rejected.push_back({cell,
                              {status_named(one.at(2).get<std::string>()),
                               fmt::format("in process {}: {}", k + 1, one.at(3).get<std::string>())}});
  }
}

}  // namespace

std::string program_of(const BenchBlock& block) {
  return block.program.empty() ? std::filesystem::read_symlink("/proc/self/exe").string() : block.program.string();
}

Restarted restart(const BenchBlock& block, const std::vector<AcceptedCell>& cells,
                  const std::function<void(const std::string&)>& say) {
  const auto wanted = [&](const Cell& cell) {
    return std::ranges::any_of(
        cells, [&](const AcceptedCell& one) { return block.cell(one.strategy->name, one.threads) == cell; });
  };
  Restarted found;
  for (int k = 0; k < block.restarts; ++k) {
    const std::optional<json> known = known_answer(block, k);
    add(known ? *known : sampled(block, cells, k, say), k, wanted, block, found);
  }
  return found;
}

void sample_ahead(const BenchBlock& block, int k, const std::function<void(const std::string&)>& say) {
  if (known_answer(block, k)) return;
  try {
    write_text(answer_file(block, k), sampled(block, cells_to_run(block), k, say).dump());
  } catch (const std::exception&) {
    return;  // restart() finds out why
  }
}

}  // namespace backprove
