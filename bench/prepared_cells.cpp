#include "bench/prepared_cells.hpp"

#include <fmt/format.h>

#include "bench/copies.hpp"
#include "bench/fraction.hpp"
#include "bench/probes/team.hpp"
#include "core/kernels/kernel.hpp"

namespace backprove {

const StrategyInfo& loss_by() { return strategy_named("reverse_vjp"); }

PreparedCells::PreparedCells(const BenchBlock& of) : verifier(*of.problem, *of.engine, of.limits), block(of) {}

Options PreparedCells::options(int threads) const {
  Options chosen = block.options;
  chosen.threads = threads;
  return chosen;
}

Request PreparedCells::request(const Options& options) const {
  const Data& data = block.problem->data();
  return {block.problem->network(), block.problem->loss(), view(data.theta), view(data.x), view(data.y), options};
}

std::shared_ptr<Ready> PreparedCells::prepared(const StrategyInfo& strategy, int threads) const {
  return block.engine->prepare(strategy.name, request(options(threads)));
}

Verified PreparedCells::add(const StrategyInfo& strategy, int threads) {
  Entry entry{"gradient", block.cell(strategy.name, threads), &strategy, prepared(strategy, threads)};
  entry.ready->gradient();
  const Verified verified = verifier.of(strategy, options(threads), entry.ready->outcome(false));
  if (verified.status != Status::failed && verified.status != Status::nonfinite) entries.push_back(std::move(entry));
  return verified;
}

Index PreparedCells::most_copies(const StrategyInfo& strategy, int threads) const {
  const Network& network = block.problem->network();
  const auto given =
      static_cast<double>(2 * network.parameters() + network.inputs() * block.problem->spec().recipe.batch);
  const double own = bytes_of(block.cost(strategy, threads), block.engine->bytes());
  const double each = own + given * static_cast<double>(block.engine->bytes());
  return copies_of(each, block.limits.bytes);
}

std::vector<std::function<void()>> PreparedCells::calls(const StrategyInfo& strategy, int threads, Index most) const {
  std::vector<std::function<void()>> all;
  for (Index k = std::min(most, most_copies(strategy, threads)); k > 0; --k)
    all.emplace_back([ready = prepared(strategy, threads)] { ready->gradient(); });
  return all;
}

std::optional<FusedTeam> PreparedCells::team_of(const Entry& entry) const {
  const Network& network = block.problem->network();
  const std::string_view scalar = block.engine->name();
  if (!block.compare_with_limits || entry.strategy->name != "reverse_vjp") return std::nullopt;
  const Kernel* kernel = fused_kernel(block.options.kernel, entry.strategy->name, scalar, network);
  if (!kernel) return std::nullopt;
  const FusedTeam team = fused_team(*kernel, network, block.problem->spec().recipe.batch, scalar, entry.cell.threads);
  return team.members > 1 ? std::optional(team) : std::nullopt;
}

std::vector<TimedCell> PreparedCells::samples(const std::function<void(const std::string&)>& say) {
  if (entries.empty()) return {};
  const Entry first = entries.front();
  std::vector<Entry> all = entries;
  all.push_back({"control", first.cell, first.strategy, prepared(*first.strategy, first.cell.threads)});
  for (const int threads : block.threads)
    all.push_back({"loss", block.cell("loss", threads), &loss_by(), prepared(loss_by(), threads)});
  for (const Entry& entry : entries)
    for (const char* what : {"meetings", "apart"})
      if (team_of(entry)) all.push_back({what, entry.cell, entry.strategy, nullptr});
  std::vector<Timed> things;
  for (const Entry& entry : all) {
    if (!entry.ready) {
      things.push_back(team_alone(*team_of(entry), static_cast<double>(block.engine->bytes()), entry.what == "apart"));
      continue;
    }
    const bool loss = entry.what == "loss";
    const auto call_of = [loss](std::shared_ptr<Ready> ready) -> std::function<void()> {
      return [ready = std::move(ready), loss] { loss ? ready->loss() : ready->gradient(); };
    };
    things.push_back({fmt::format("{}/{}/{}", entry.what, entry.cell.strategy, entry.cell.threads),
                      {call_of(entry.ready)},
                      entry.what == "control" ? 0 : -1,
                      [&entry, call_of, this] { return call_of(prepared(*entry.strategy, entry.cell.threads)); },
                      most_copies(*entry.strategy, entry.cell.threads)});
    things.back().alone = entry.cell.threads == 1;
  }
  std::vector<Cell> cells;
  for (const Entry& entry : entries) cells.push_back(entry.cell);
  SamplingPlan plan = block.plan;
  if (block.compare_with_limits) {
    say("choosing the fastest products");
    for (Timed& one : fraction_probe().begin(block, cells)) things.push_back(std::move(one));
    plan.seconds *= 2;  // half for what the limits are made of
  }
  const Timings timings = interleaved(things, plan, [&](Index done, Index total) {
    if (done % 64 == 0) say(fmt::format("sample {} of {}", done, total));
  });
  std::vector<TimedCell> timed;
  for (std::size_t k = 0; k < all.size(); ++k) timed.push_back({all[k].what, all[k].cell, {timings.of[k]}});
  if (!block.compare_with_limits) return timed;
  const std::vector<std::vector<TimeSample>> parts(timings.of.begin() + std::ssize(all), timings.of.end());
  for (TimedCell& one : fraction_probe().end(block, cells, parts)) timed.push_back(std::move(one));
  return timed;
}

}  // namespace backprove
