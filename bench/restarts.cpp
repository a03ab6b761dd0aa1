#include "bench/restarts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/block_text.hpp"
#include "bench/peers/process.hpp"

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

}  // namespace

std::string program_of(const BenchBlock& block) {
  return block.program.empty() ? std::filesystem::read_symlink("/proc/self/exe").string() : block.program.string();
}

Restarted restart(const BenchBlock& block, const std::vector<AcceptedCell>& cells,
                  const std::function<void(const std::string&)>& say) {
  json question{{"op", "sample"}, {"block", to_json(block)}, {"cells", json::array()}};
  for (const AcceptedCell& cell : cells) question["cells"].push_back({cell.strategy->name, cell.threads});
  Restarted found;
  for (int k = 0; k < block.restarts; ++k) {
    const auto tell = [&](const std::string& line) {
      say(fmt::format("process {} of {}: {}", k + 1, block.restarts, line));
    };
    AnsweringProcess process({program_of(block), "bench-worker"}, own_environment(), INT_MAX,
                             block.work / "worker.err");
    process.say(question);
    const json answer = last_answer(process, tell);
    std::vector<TimedCell> timed;
    for (const json& one : answer.at("timed")) timed.push_back(timed_cell_from_json(one));
    if (k == 0)
      found.timed = std::move(timed);
    else
      append(found.timed, timed);
    for (const json& one : answer.at("rejected"))
      found.rejected.push_back({{&strategy_named(one.at(0).get<std::string>()), one.at(1)},
                                {status_named(one.at(2).get<std::string>()),
                                 fmt::format("in process {}: {}", k + 1, one.at(3).get<std::string>())}});
  }
  return found;
}

}  // namespace backprove
