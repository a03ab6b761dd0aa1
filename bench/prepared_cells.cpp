#include "bench/prepared_cells.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bench/probes/team.hpp"
#include "core/kernels/kernel.hpp"

namespace backprove {

namespace {

constexpr double copies_of_small = 16, most_bytes_of_copies = 512 << 20;

/// The copies of everything that is sampled together are to leave most of the machine's memory free.
double room_for_copies(double limit) {
  const double installed = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return std::min({most_bytes_of_copies, installed / 32, limit});
}

}  // namespace

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

Index PreparedCells::most_copies(const Entry& entry) const {
  const Network& network = block.problem->network();
  const Index batch = block.problem->spec().recipe.batch;
  const Shape shape{network, batch, block.options.input_gradient, entry.cell.threads, block.options.snapshots};
  const auto given = static_cast<double>(2 * network.parameters() + network.inputs() * batch);
  const auto bytes = static_cast<double>(block.engine->bytes());
  const double each = bytes_of(entry.strategy->predict(shape), block.engine->bytes()) + given * bytes;
  return static_cast<Index>(std::clamp(room_for_copies(block.limits.bytes) / each, 1.0, copies_of_small));
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
                      most_copies(entry)});
  }
  const Timings timings = interleaved(things, block.plan, [&](Index done, Index total) {
    if (done % 64 == 0) say(fmt::format("sample {} of {}", done, total));
  });
  std::vector<TimedCell> timed;
  for (std::size_t k = 0; k < all.size(); ++k) timed.push_back({all[k].what, all[k].cell, {timings.of[k]}});
  return timed;
}

}  // namespace backprove
