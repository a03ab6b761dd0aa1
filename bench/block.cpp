#include "bench/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/fraction.hpp"
#include "bench/instructions.hpp"
#include "bench/prepared_cells.hpp"
#include "bench/probes/heap.hpp"
#include "bench/probes/peak_memory.hpp"
#include "bench/restarts.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/kernel.hpp"
#include "core/record/hash.hpp"
#include "core/record/this_build.hpp"
#include "core/scalars/counting.hpp"
#include "core/scalars/wide_digits.hpp"

namespace backprove {

namespace {

/// Counting costs a hundred times a multiplication: beyond this nothing is counted.
constexpr double most_operations_counted = 3e7;

/// Why a cell cannot be run, or may not.
std::optional<Verified> refused(const BenchBlock& block, const StrategyInfo& strategy, int threads) {
  const std::string reason = block.engine->unsupported(strategy.name, block.problem->network(), block.problem->loss());
  if (!reason.empty()) return Verified{Status::unsupported, reason};
  const std::string limit = beyond(block.limits, block.cost(strategy, threads), block.engine->bytes());
  if (!limit.empty()) return Verified{Status::limit, limit};
  return std::nullopt;
}

/// Collects the rows of one block.
class Run {
 public:
  Run(const BenchBlock& of, const std::function<void(const std::string&)>& tell) : block(of), say(tell) {}

  BlockResult result() {
    PreparedCells cells(block);
    for (const StrategyInfo* strategy : block.strategies)
      for (const int threads : block.threads) add_gradient(cells, *strategy, threads);
    if (accepted.empty()) return std::move(all);
    if (block.count_instructions) add_instructions();
    if (block.restarts == 1)
      timed = cells.samples(say);
    else
      time_in_others(cells);
    for (const TimedCell& one : timed)
      if (!one.is_part()) all.samples += one.lines();
    add_times();
    if (block.compare_with_limits) add_fractions();
    if (block.peers) add_peers(cells, cells.options(1));
    return std::move(all);
  }

 private:
  const BenchBlock& block;
  const std::function<void(const std::string&)>& say;
  std::vector<AcceptedCell> accepted;
  std::vector<TimedCell> timed;
  BlockResult all;

  void add(const Cell& cell, std::string_view quantity, double value, Status status = Status::ok,
           std::string note = "") {
    all.rows.push_back(make_row(cell, quantity, value, status, std::move(note)));
  }

  void add_gradient(PreparedCells& cells, const StrategyInfo& strategy, int threads) {
    const Cell cell = block.cell(strategy.name, threads);
    if (const auto why = refused(block, strategy, threads))
      return add(cell, "verified", std::nan(""), why->status, why->note);
    const Cost cost = block.cost(strategy, threads);
    say(fmt::format("verifying {}, {} threads", strategy.name, threads));
    const auto prepare = [&] { return [ready = cells.prepared(strategy, threads)] { ready->gradient(); }; };
    const double peak = peak_bytes(prepare);
    const double heap = heap_peak_bytes([&] { prepare()(); });
    const Verified verified = cells.add(strategy, threads);
    add(cell, "verified", verified.status == Status::ok ? 1 : 0, verified.status, verified.note);
    if (verified.status == Status::failed || verified.status == Status::nonfinite) return;
    accepted.push_back({&strategy, threads});
    add(cell, "peak_bytes", peak);
    add_memory(cell, strategy, cost, heap);
    add_counts(cell, strategy, cost, cells.request(cells.options(1)));
  }

  /// What was predicted and what was needed, both beside the numbers that the gradient is given and gives.
  void add_memory(const Cell& cell, const StrategyInfo& strategy, const Cost& cost, double heap) {
    const Network& network = block.problem->network();
    const Kernel* kernel = fused_kernel(block.options.kernel, strategy.name, block.engine->name(), network);
    const Index batch = block.problem->spec().recipe.batch;
    const auto bytes = static_cast<double>(block.engine->bytes());
    double kept = 0;
    if (kernel)
      kept = fused_memory(*kernel, network, batch, block.engine->name(), cell.threads).kept;
    else
      for (Index l = 0; l < network.size(); ++l) kept += static_cast<double>(network.width(l + 1) * batch);
    const Index given = 2 * network.parameters() + network.inputs() * batch * (block.options.input_gradient ? 2 : 1);
    add(cell, "predicted_bytes", bytes_of(cost, block.engine->bytes()));
    add(cell, "heap_peak_bytes", heap);
    add(cell, "working_bytes", heap - static_cast<double>(given) * bytes);
    add(cell, "activations_bytes", kept * bytes);
  }

  void add_counts(const Cell& cell, const StrategyInfo& strategy, const Cost& cost, const Request& request) {
    add(cell, "predicted_multiplications", cost.multiplications);
    const Engine& counting = engine_named("counting");
    const bool possible = counting.unsupported(strategy.name, block.problem->network(), block.problem->loss()).empty();
    if (cell.threads > 1 || !possible || cost.multiplications > most_operations_counted) return;
    const Counts counts = counting.run(strategy.name, request).counts;
    add(cell, "multiplications", static_cast<double>(counts.multiplications()));
    add(cell, "additions", static_cast<double>(counts.additions()));
  }

  void add_instructions() {
    say("counting instructions");
    std::vector<const StrategyInfo*> strategies;  // each once, whatever its threads
    for (const AcceptedCell& cell : accepted)
      if (std::ranges::find(strategies, cell.strategy) == strategies.end()) strategies.push_back(cell.strategy);
    for (Row& row : count_instructions(block, strategies)) all.rows.push_back(std::move(row));
  }

  /// In fresh processes; what one of them rejects is not right after all.
  void time_in_others(PreparedCells& cells) {
    cells.release();
    try {
      Restarted found = restart(block, accepted, say);
      timed = std::move(found.timed);
      for (const auto& [cell, why] : found.rejected)
        for (Row& row : all.rows)
          if (row.quantity == "verified" && row.cell == block.cell(cell.strategy->name, cell.threads))
            row = make_row(row.cell, "verified", 0, why.status, why.note);
    } catch (const std::exception& error) {
      for (const AcceptedCell& cell : accepted)
        add(block.cell(cell.strategy->name, cell.threads), "seconds_p10", std::nan(""), Status::failed,
            fmt::format("a fresh process failed: {}", error.what()));
    }
  }

  void add_times() {
    for (const TimedCell& one : timed)
      if (one.what == "control")
        add_noise(one);
      else if (one.what == "gradient" || one.what == "loss")
        add_times(one);
    for (const TimedCell& one : timed)
      if (one.what == "gradient")
        for (const TimedCell& other : timed) add_ratio(one, other);
  }

  /// What a gradient's time is beside something else that was sampled in turn with it.
  void add_ratio(const TimedCell& one, const TimedCell& other) {
    const auto ratio = [](const TimedCell& a, const TimedCell& b) { return a.ratio_to(b, &TimeSample::wall, 0.1); };
    const bool as_many = one.cell.threads == other.cell.threads, same = one.cell.strategy == other.cell.strategy;
    if (other.what == "loss" && as_many)
      add(one.cell, "ratio_to_loss", ratio(one, other), Status::ok, "p10 over p10 on as many threads");
    if (other.what != "gradient") return;
    if (same && other.cell.threads == 1 && !as_many)
      add(one.cell, "speedup", ratio(other, one), Status::ok, "p10 on one thread over p10");
    if (!same && other.cell.strategy == "reverse_vjp" && as_many)
      add(one.cell, "ratio_to_reverse", ratio(one, other), Status::ok, "p10 over that of reverse_vjp");
  }

  static double p10(const TimedCell& one) { return one.figure(&TimeSample::wall, 0.1); }

  void add_times(const TimedCell& one) {
    const Index fewest = one.fewest_samples();
    std::string note = fmt::format("{} samples", fewest);
    if (fewest < block.plan.rounds)
      note = fmt::format("{} of {} samples: {:g} s a block", fewest, block.plan.rounds, block.plan.seconds);
    if (block.restarts > 1) note = fmt::format("{} processes, {}", one.processes.size(), note);
    if (const Index copies = one.copies(); copies > 1) note = fmt::format("median of {} copies, {}", copies, note);
    add(one.cell, "seconds_p10", p10(one), Status::ok, note);
    add(one.cell, "seconds_median", one.figure(&TimeSample::wall, 0.5), Status::ok, note);
    add(one.cell, "cpu_seconds_p10", one.figure(&TimeSample::cpu, 0.1), Status::ok, note);
    add(one.cell, "cold_seconds_p10", one.figure(&TimeSample::cold, 0.1), Status::ok, note);
    add(one.cell, "cold_seconds_median", one.figure(&TimeSample::cold, 0.5), Status::ok, note);
    if (block.restarts == 1) return;
    add(one.cell, "restart_spread", one.spread(&TimeSample::wall, 0.1), Status::ok, note);
  }

  /// How far the figures of the A/A pair are apart.
  void add_noise(const TimedCell& control) {
    const auto first = std::ranges::find_if(
        timed, [&](const TimedCell& one) { return one.what == "gradient" && one.cell == control.cell; });
    if (first == timed.end()) return;
    add(control.cell, "noise_floor", std::abs(control.ratio_to(*first, &TimeSample::wall, 0.1) - 1), Status::ok,
        fmt::format("A/A pair of this cell: medians of {} and {} copies", first->copies(), control.copies()));
  }

  void add_peers(PreparedCells& cells, const Options& options) {
    const auto [outcome, bound] = cells.verifier.reverse(options);
    const Index parameters = block.problem->network().parameters();
    const auto of_parameters = [&](const Tolerance& one) {
      return one.missing.empty() ? Vector<double>(one.bound.head(parameters)) : Vector<double>();
    };
    Peers::Task task{*block.problem,    block.cell("", 0),  outcome.gradient,  of_parameters(bound), {},
                     block.plan.rounds, block.plan.seconds, block.limits.bytes};
    task.parameters = parameters;
    task.turns = block.turns;
    for (const TimedCell& one : timed) {
      if (one.what != "gradient" || !block.peers->compare_with(one.cell.strategy)) continue;
      Peers::Counterpart& ours = task.counterparts[one.cell.strategy];
      const StrategyInfo& strategy = strategy_named(one.cell.strategy);
      if (ours.turns.empty()) {
        const Outcome got = block.engine->run(strategy.name, cells.request(options));
        ours.bound = of_parameters(cells.verifier.bound(strategy, options, got));
      }
      // The copies are made when the first peer that can be timed asks for a turn, and kept for the others.
      ours.turns[one.cell.threads] = [&cells, &strategy, threads = one.cell.threads, copies = block.turns,
                                      calls = std::make_shared<std::vector<std::function<void()>>>()](
                                         Index turn, Index most, double seconds) {
        if (calls->empty()) *calls = cells.calls(strategy, threads, copies);
        return samples_in_a_row((*calls)[static_cast<std::size_t>(turn % std::ssize(*calls))], warming_of_turn, most,
                                seconds);
      };
    }
    say("timing peers");
    const std::vector<Row> rows = block.peers->rows(task, all.samples);
    all.rows.insert(all.rows.end(), rows.begin(), rows.end());
  }

  void add_fractions() {
    for (const TimedCell& one : timed)
      if (one.what == "gradient")
        for (Row& row : fraction_rows(block, one, timed)) all.rows.push_back(std::move(row));
  }
};

}  // namespace

Cell BenchBlock::cell(std::string_view strategy, int threads_of_it) const {
  Cell cell = problem->cell();
  cell.strategy = strategy;
  cell.scalar = engine->name();
  cell.threads = threads_of_it;
  const std::string_view by = strategy == "loss" ? "reverse_vjp" : strategy;  // which evaluates the loss too
  cell.kernel = name_of(kernel_used(options.kernel, by, engine->name()));
  if (!options.input_gradient) cell.options["input_gradient"] = "no";
  if (options.snapshots > 0) cell.options["snapshots"] = std::to_string(options.snapshots);
  return cell;
}

Cost BenchBlock::cost(const StrategyInfo& strategy, int threads_of_it) const {
  const Shape shape{problem->network(), problem->spec().recipe.batch, options.input_gradient, threads_of_it,
                    options.snapshots};
  return cost_of(strategy, shape, problem->loss(), options.kernel, engine->name());
}

std::string BenchBlock::key() const {
  std::string text = fmt::format("{} {:.17g} {:.17g} {:.17g} {} {}", plan.rounds, plan.seconds, limits.bytes,
                                 limits.multiplications, compare_with_limits, this_build());
  text +=
      fmt::format(" {} {} {} {:.17g} {}", plan.short_rounds, restarts, count_instructions, most_counted, wide_digits());
  if (peers) text += fmt::format(" {} {}", turns, peers->key());
  for (const StrategyInfo* strategy : strategies)
    for (const int one : threads) text += " " + cell(strategy->name, one).id();
  return hash_text(text);
}

std::vector<AcceptedCell> cells_to_run(const BenchBlock& block) {
  std::vector<AcceptedCell> cells;
  for (const StrategyInfo* strategy : block.strategies)
    for (const int threads : block.threads)
      if (!refused(block, *strategy, threads)) cells.push_back({strategy, threads});
  return cells;
}

BlockResult run(const BenchBlock& block, const std::function<void(const std::string&)>& say) {
  return Run(block, say).result();
}

}  // namespace backprove
