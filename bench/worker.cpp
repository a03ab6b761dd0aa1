#include "bench/worker.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/block_text.hpp"
#include "bench/fraction.hpp"
#include "bench/prepared_cells.hpp"
#include "core/kernels/kernel.hpp"

extern "C" [[gnu::noinline]] void backprove_counted_call(backprove::Ready* ready, bool loss) {
  loss ? ready->loss() : ready->gradient();
}

namespace backprove {

namespace {

using nlohmann::json;

/// Beyond so many multiplications a call under valgrind takes seconds, and what a first call does once is nothing.
constexpr double most_warmed = 3e7;

void answer(const json& line) {
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

void sample(const json& question) {
  BenchBlock block = block_from_json(question.at("block"));
  fraction_probe().learn(question.at("fastest_ways"));
  block.problem->make([](const std::string&) {});
  const auto say = [](const std::string& line) { answer({{"say", line}}); };
  PreparedCells cells(block);
  json rejected = json::array();
  for (const json& cell : question.at("cells")) {
    const StrategyInfo& strategy = strategy_named(cell.at(0).get<std::string>());
    const int threads = cell.at(1);
    say(fmt::format("verifying {}, {} threads", strategy.name, threads));
    const Verified verified = cells.add(strategy, threads);
    if (verified.status == Status::failed || verified.status == Status::nonfinite)
      rejected.push_back({strategy.name, threads, name_of(verified.status), verified.note});
  }
  json timed = json::array();
  for (const TimedCell& one : cells.samples(say)) timed.push_back(to_json(one));
  answer({{"timed", std::move(timed)},
          {"rejected", std::move(rejected)},
          {"fastest_ways", fraction_probe().fastest_ways()}});
}

void count(const json& question) {
  BenchBlock block = block_from_json(question.at("block"));
  block.problem->make([](const std::string&) {});
  const PreparedCells cells(block);
  const Shape shape{block.problem->network(), block.problem->spec().recipe.batch, block.options.input_gradient, 1};
  for (const json& item : question.at("strategies")) {
    const std::string name = item;
    const bool loss = name == "loss";
    const StrategyInfo& strategy = loss ? loss_by() : strategy_named(name);
    const std::shared_ptr<Ready> ready = cells.prepared(strategy, 1);
    // What the first call takes and sets up does not count, where it would be seen.
    if (strategy.predict(shape).multiplications < most_warmed) loss ? ready->loss() : ready->gradient();
    backprove_counted_call(ready.get(), loss);
    answer({{"counted", name}, {"kernel", block.cell(name, 1).kernel}});
  }
}

}  // namespace

void serve_bench(std::istream& questions) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read the answers
  for (std::string line; std::getline(questions, line);) {
    try {
      const json question = json::parse(line);
      const std::string op = question.at("op");
      if (op != "sample" && op != "count")
        throw std::invalid_argument(fmt::format("expected sample or count, got '{}'", op));
      op == "sample" ? sample(question) : count(question);
    } catch (const std::exception& error) {
      answer({{"error", error.what()}});
    }
  }
}

}  // namespace backprove
