#include "bench/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/probes/heap.hpp"
#include "bench/probes/limit.hpp"
#include "bench/probes/peak_memory.hpp"
#include "bench/verified.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/kernel.hpp"
#include "core/record/hash.hpp"
#include "core/record/this_build.hpp"
#include "core/scalars/counting.hpp"

namespace backprove {

namespace {

/// Counting costs a hundred times a multiplication: beyond this nothing is counted.
constexpr double most_counted = 3e7;

/// Something of the block that is timed.
struct Entry {
  std::string what;  ///< gradient, loss or control
  Cell cell;
  const StrategyInfo* strategy;  ///< nullptr for the loss
  std::shared_ptr<Ready> ready;
  int threads;
};

std::vector<double> of(const std::vector<TimeSample>& samples, double TimeSample::*member) {
  std::vector<double> numbers;
  numbers.reserve(samples.size());
  for (const TimeSample& sample : samples) numbers.push_back(sample.*member);
  return numbers;
}

/// Collects the rows of one block.
class Run {
 public:
  Run(const BenchBlock& of, const std::function<void(const std::string&)>& tell)
      : block(of), say(tell), verifier(*of.problem, *of.engine, of.limits) {}

  BlockResult result() {
    for (const StrategyInfo* strategy : block.strategies)
      for (const int threads : block.threads) add_gradient(*strategy, threads);
    if (entries.empty()) return std::move(all);
    const Entry first = entries.front();
    entries.push_back({"control", first.cell, first.strategy, prepared(*first.strategy, first.threads), first.threads});
    for (const int threads : block.threads)
      entries.push_back({"loss", block.cell("loss", threads), nullptr, prepared(loss_by(), threads), threads});
    time();
    return std::move(all);
  }

 private:
  const BenchBlock& block;
  const std::function<void(const std::string&)>& say;
  Verifier verifier;
  std::vector<Entry> entries;
  BlockResult all;

  void add(const Cell& cell, std::string_view quantity, double value, Status status = Status::ok,
           std::string note = "") {
    all.rows.push_back(make_row(cell, quantity, value, status, std::move(note)));
  }

  Options options(int threads) const {
    Options chosen = block.options;
    chosen.threads = threads;
    return chosen;
  }
  Request request(const Options& chosen) const {
    const Data& data = block.problem->data();
    return {block.problem->network(), block.problem->loss(), view(data.theta), view(data.x), view(data.y), chosen};
  }
  std::shared_ptr<Ready> prepared(const StrategyInfo& strategy, int threads) const {
    return block.engine->prepare(strategy.name, request(options(threads)));
  }
  /// Any strategy can evaluate the loss.
  static const StrategyInfo& loss_by() { return strategy_named("reverse_vjp"); }

  void add_gradient(const StrategyInfo& strategy, int threads) {
    const Cell cell = block.cell(strategy.name, threads);
    const Network& network = block.problem->network();
    const std::string reason = block.engine->unsupported(strategy.name, network, block.problem->loss());
    if (!reason.empty()) return add(cell, "verified", std::nan(""), Status::unsupported, reason);
    const Shape shape{network, block.problem->spec().recipe.batch, block.options.input_gradient, threads};
    const Cost cost = strategy.predict(shape);
    const std::string limit = beyond(block.limits, cost, block.engine->bytes());
    if (!limit.empty()) return add(cell, "verified", std::nan(""), Status::limit, limit);
    say(fmt::format("verifying {}, {} threads", strategy.name, threads));
    const auto prepare = [&] {
      auto ready = prepared(strategy, threads);
      return [ready = std::shared_ptr<Ready>(std::move(ready))] { ready->gradient(); };
    };
    const double peak = peak_bytes(prepare);
    const double heap = heap_peak_bytes([&] { prepare()(); });
    Entry entry{"gradient", cell, &strategy, prepared(strategy, threads), threads};
    entry.ready->gradient();
    const Verified verified = verifier.of(strategy, options(threads), entry.ready->outcome(false));
    add(cell, "verified", verified.status == Status::ok ? 1 : 0, verified.status, verified.note);
    if (verified.status == Status::failed || verified.status == Status::nonfinite) return;
    add(cell, "predicted_bytes", bytes_of(cost, block.engine->bytes()));
    add(cell, "peak_bytes", peak);
    add(cell, "heap_peak_bytes", heap);
    add_activations(cell, strategy);
    add_counts(cell, strategy, cost, threads);
    entries.push_back(std::move(entry));
  }

  void add_activations(const Cell& cell, const StrategyInfo& strategy) {
    const Network& network = block.problem->network();
    const Kernel* kernel = fused_kernel(block.options.kernel, strategy.name, block.engine->name(), network);
    const Index batch = block.problem->spec().recipe.batch;
    Index kept = 0;
    if (kernel)
      kept = kept_by_kernel(*kernel, network, batch, block.engine->name(), cell.threads);
    else
      for (Index l = 0; l < network.size(); ++l) kept += network.width(l + 1) * batch;
    add(cell, "activations_bytes", static_cast<double>(kept) * static_cast<double>(block.engine->bytes()));
  }

  void add_counts(const Cell& cell, const StrategyInfo& strategy, const Cost& cost, int threads) {
    add(cell, "predicted_multiplications", cost.multiplications);
    const Engine& counting = engine_named("counting");
    const bool possible = counting.unsupported(strategy.name, block.problem->network(), block.problem->loss()).empty();
    if (threads > 1 || !possible || cost.multiplications > most_counted) return;
    const Counts counts = counting.run(strategy.name, request(options(1))).counts;
    add(cell, "multiplications", static_cast<double>(counts.multiplications()));
    add(cell, "additions", static_cast<double>(counts.additions()));
  }

  void time() {
    std::vector<Timed> things;
    for (const Entry& entry : entries) {
      const bool loss = entry.what == "loss";
      things.push_back({fmt::format("{}/{}/{}", entry.what, entry.cell.strategy, entry.threads),
                        [ready = entry.ready, loss] { loss ? ready->loss() : ready->gradient(); }});
    }
    const Timings samples = interleaved(things, block.plan, [&](Index done, Index total) {
      if (done % 64 == 0) say(fmt::format("sample {} of {}", done, total));
    });
    std::vector<double> p10;
    for (std::size_t k = 0; k < entries.size(); ++k) {
      p10.push_back(quantile(of(samples.of[k], &TimeSample::wall), 0.1));
      write_samples(entries[k], samples.of[k]);
      if (entries[k].what != "control") add_times(entries[k], samples.of[k], samples.rounds);
    }
    for (std::size_t k = 0; k < entries.size(); ++k) {
      if (entries[k].what == "control")
        add(entries[k].cell, "noise_floor", std::abs(p10[k] / p10.front() - 1), Status::ok, "A/A pair of this cell");
      if (entries[k].what != "gradient") continue;
      for (std::size_t j = 0; j < entries.size(); ++j)
        if (entries[j].what == "loss" && entries[j].threads == entries[k].threads)
          add(entries[k].cell, "ratio_to_loss", p10[k] / p10[j], Status::ok, "p10 over p10 on as many threads");
      if (block.compare_with_limits) add_fraction(entries[k], p10[k]);
    }
    if (block.peers) add_peers(p10);
  }

  void add_peers(const std::vector<double>& p10) {
    const auto [outcome, bound] = verifier.reverse(options(1));
    const Index parameters = block.problem->network().parameters();
    const auto of_parameters = [&](const Tolerance& one) {
      return one.missing.empty() ? Vector<double>(one.bound.head(parameters)) : Vector<double>();
    };
    Peers::Task task{*block.problem,    block.cell("", 0),  outcome.gradient,  of_parameters(bound), {},
                     block.plan.rounds, block.plan.seconds, block.limits.bytes};
    task.parameters = parameters;
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const Entry& entry = entries[k];
      if (entry.what != "gradient" || !block.peers->compare_with(entry.cell.strategy)) continue;
      Peers::Counterpart& ours = task.counterparts[entry.cell.strategy];
      if (ours.seconds_p10.empty())
        ours.bound = of_parameters(verifier.bound(*entry.strategy, options(1), entry.ready->outcome(false)));
      ours.seconds_p10[entry.threads] = p10[k];
    }
    say("timing peers");
    const std::vector<Row> rows = block.peers->rows(task, all.samples);
    all.rows.insert(all.rows.end(), rows.begin(), rows.end());
  }

  void add_fraction(const Entry& entry, double seconds) {
    static LimitProbe probe({15, 3});  // what one block measures serves the others
    say("measuring limits");
    try {
      const LimitTime limit = probe.of(block.problem->network(), block.problem->spec().recipe.batch,
                                       block.options.input_gradient, std::string(block.engine->name()), entry.threads);
      add(entry.cell, "fraction_of_limit", limit.total() / seconds, Status::ok,
          fmt::format("limit {:.4g} s: products {:.4g}, elementwise {:.4g}, memory {:.4g}; best products by {}",
                      limit.total(), limit.products, limit.elementwise(), limit.memory, limit.by));
      if (entry.strategy->name != "reverse_vjp" || block.problem->spec().recipe.batch == 1) return;
      add(entry.cell, "predicted_ratio_to_loss",
          probe.ratio_to_loss(block.problem->network(), block.problem->spec().recipe.batch,
                              block.options.input_gradient, std::string(block.engine->name()), entry.threads),
          Status::ok, "from products and elementwise work measured in this run");
    } catch (const std::invalid_argument& reason) {
      add(entry.cell, "fraction_of_limit", std::nan(""), Status::unsupported, reason.what());
    }
  }

  void add_times(const Entry& entry, const std::vector<TimeSample>& samples, Index rounds) {
    const std::string note = rounds < block.plan.rounds ? fmt::format("{} of {} rounds: {:g} s a block", rounds,
                                                                      block.plan.rounds, block.plan.seconds)
                                                        : fmt::format("{} rounds", rounds);
    add(entry.cell, "seconds_p10", quantile(of(samples, &TimeSample::wall), 0.1), Status::ok, note);
    add(entry.cell, "seconds_median", quantile(of(samples, &TimeSample::wall), 0.5), Status::ok, note);
    add(entry.cell, "cpu_seconds_p10", quantile(of(samples, &TimeSample::cpu), 0.1), Status::ok, note);
  }

  void write_samples(const Entry& entry, const std::vector<TimeSample>& samples) {
    const std::string cell = entry.cell.id();
    for (const TimeSample& sample : samples)
      all.samples +=
          fmt::format("{},{},{},{},{},{},{:.9g},{:.9g},{}\n", cell, entry.what, entry.cell.strategy, entry.threads,
                      sample.order, sample.calls, sample.wall, sample.cpu, sample.context_switches);
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

std::string BenchBlock::key() const {
  std::string text = fmt::format("{} {:.17g} {:.17g} {:.17g} {} {}", plan.rounds, plan.seconds, limits.bytes,
                                 limits.multiplications, compare_with_limits, this_build());
  if (peers) text += peers->key();
  for (const StrategyInfo* strategy : strategies)
    for (const int one : threads) text += " " + cell(strategy->name, one).id();
  return hash_text(text);
}

BlockResult run(const BenchBlock& block, const std::function<void(const std::string&)>& say) {
  return Run(block, say).result();
}

}  // namespace backprove
