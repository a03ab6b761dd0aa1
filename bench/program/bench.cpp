#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "bench/bench_sweep.hpp"
#include "bench/named_sweep.hpp"
#include "bench/pinning.hpp"
#include "bench/program/commands.hpp"
#include "bench/worker.hpp"
#include "core/kernels/kernel.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/sweep_arguments.hpp"

namespace backprove {

namespace {

struct BenchArguments {
  ProblemArguments problem;
  SweepArguments networks;
  std::vector<Index> batches = {32};
  std::vector<std::string> scalars = {"float", "double"}, strategies = {"reverse_vjp", "jacobian_structured"};
  std::vector<int> threads = {1};
  Index rounds = 50, short_rounds = 200, snapshots = 0;
  int restarts = 1;
  Index turns = usual_turns;
  double seconds = 60, instruction_operations = 1e9;
  bool input_gradient = false, limits = false, instructions = false, quick = false, quiet = false;
  std::string kernel = "auto", out, sweep;
  std::vector<std::string> peers;
  bool with_peers = false;
  /// What --sweep narrows: the options that were given.
  bool batch_given = false, scalar_given = false, strategy_given = false, threads_given = false;
  bool depth_given = false, width_given = false;
};

template <class V>
void without_repetitions(std::vector<V>& values) {
  std::vector<V> once;
  for (const V& value : values)
    if (std::ranges::find(once, value) == once.end()) once.push_back(value);
  values = std::move(once);
}

/// The cases of a named sweep, or of the options.
std::vector<SweepCase> cases_of(const BenchArguments& arguments) {
  if (!arguments.sweep.empty()) return sweep_named(arguments.sweep).cases(arguments.quick);
  std::vector<SweepCase> cases;
  for (const std::string& text : arguments.networks.networks(arguments.problem.network))
    for (const Index batch : arguments.batches)
      cases.push_back({text, batch, arguments.scalars, arguments.strategies, arguments.threads, arguments.snapshots,
                       arguments.problem.operations});
  return cases;
}

/// One option that narrows a named sweep: what was asked for, if it was given, and what the sweep has of it.
template <class V>
class Narrowing {
 public:
  Narrowing(std::string_view name, bool given, const std::vector<V>& values)
      : option(name), asked(given ? &values : nullptr) {}

  /// Keeps what was asked for.
  void keep(std::vector<V>& values) {
    for (const V& value : values)
      if (std::ranges::find(known, value) == known.end()) known.push_back(value);
    if (asked) std::erase_if(values, [&](const V& value) { return std::ranges::find(*asked, value) == asked->end(); });
  }
  /// Throws if something was asked for that no case of the sweep has: it would be missing without a word.
  void check(const std::string& sweep) const {
    if (!asked) return;
    for (const V& value : *asked)
      if (std::ranges::find(known, value) == known.end())
        throw std::invalid_argument(
            fmt::format("sweep {} has no {} {}; it has {}", sweep, option, value, fmt::join(known, ",")));
  }

 private:
  std::string_view option;
  const std::vector<V>* asked;
  std::vector<V> known;
};

std::shared_ptr<SpecifiedProblem> problem_of(const BenchArguments& arguments, const SweepCase& one) {
  return std::make_shared<SpecifiedProblem>(ProblemSpec{one.network, arguments.problem.loss,
                                                        arguments.problem.parsed_reduction(),
                                                        arguments.problem.recipe(one.scalars, one.batch), 0});
}

/// The cases of a named sweep that the options leave.
std::vector<SweepCase> narrowed(const BenchArguments& given) {
  Narrowing<std::string> scalar{"--scalar", given.scalar_given, given.scalars};
  Narrowing<std::string> strategy{"--strategy", given.strategy_given, given.strategies};
  Narrowing<int> threads{"--threads", given.threads_given, given.threads};
  Narrowing<Index> batch{"--batch", given.batch_given, given.batches};
  Narrowing<Index> depth{"--depth", given.depth_given, given.networks.depths};
  Narrowing<Index> width{"--width", given.width_given, given.networks.widths};
  std::vector<SweepCase> kept;
  for (SweepCase one : cases_of(given)) {
    const Cell cell = problem_of(given, one)->cell();
    std::vector<Index> batches{one.batch}, depths{cell.depth}, widths{cell.width};
    scalar.keep(one.scalars);
    strategy.keep(one.strategies);
    threads.keep(one.threads);
    batch.keep(batches);
    depth.keep(depths);
    width.keep(widths);
    if (!batches.empty() && !depths.empty() && !widths.empty() && !one.scalars.empty() && !one.strategies.empty() &&
        !one.threads.empty())
      kept.push_back(std::move(one));
  }
  const std::string sweep = fmt::format("'{}'{}", given.sweep, given.quick ? " with --quick" : "");
  const auto check = [&](const auto&... options) { (options.check(sweep), ...); };
  check(scalar, strategy, threads, batch, depth, width);
  if (kept.empty())
    throw std::invalid_argument(fmt::format(
        "nothing is left of sweep '{}': it has none of the given --depth, --width, --batch, --scalar, --strategy and "
        "--threads together",
        given.sweep));
  return kept;
}

/// What all blocks have in common.
BenchBlock common_of(const BenchArguments& arguments) {
  BenchBlock block{};
  block.options.kernel = kernel_named(arguments.kernel);
  block.options.input_gradient = arguments.input_gradient;
  block.limits = arguments.problem.limits();
  block.plan = {arguments.rounds, arguments.seconds, arguments.short_rounds};
  if (arguments.quick) block.plan = {std::min<Index>(arguments.rounds, 15), std::min(arguments.seconds, 3.0)};
  block.compare_with_limits = arguments.limits;
  block.restarts = arguments.restarts;
  block.turns = arguments.turns;
  block.count_instructions = arguments.instructions;
  block.most_counted = arguments.instruction_operations;
  if (arguments.with_peers)
    block.peers = std::make_shared<Peers>(peers_named(arguments.peers, peer_places()),
                                          std::filesystem::path(arguments.out) / "peers");
  return block;
}

/// A peer that was named needs its counterpart; of those that nobody named, a row says so.
void check_peers(const BenchArguments& arguments, const std::vector<std::string>& strategies) {
  if (arguments.peers.empty()) return;
  for (const PeerInfo& peer : peers_named(arguments.peers, peer_places()))
    if (std::ranges::find(strategies, peer.counterpart) == strategies.end())
      throw std::invalid_argument(
          fmt::format("peer '{}' is compared with {}, which --strategy leaves out", peer.name, peer.counterpart));
}

/// Rows say so too, but a long run is over then.
void tell_missing_peers(const BenchArguments& arguments) {
  if (arguments.peers.empty()) return;
  for (const PeerInfo& peer : peers_named(arguments.peers, peer_places()))
    if (const std::string reason = missing(peer, peer_places()); !reason.empty())
      fmt::print(stderr, "peer '{}' will not be timed: {}\n", peer.name, reason);
}

BenchSweep sweep_of(BenchArguments arguments) {
  without_repetitions(arguments.scalars);
  without_repetitions(arguments.strategies);
  without_repetitions(arguments.threads);
  for (const std::string& name : arguments.scalars)
    if (!engine_named(name).listed())
      throw std::invalid_argument(fmt::format("scalar '{}' only serves others; see backprove list scalars", name));
  for (const std::string& name : arguments.strategies) strategy_named(name);
  const std::vector<SweepCase> cases = arguments.sweep.empty() ? cases_of(arguments) : narrowed(arguments);
  std::vector<std::string> strategies;
  for (const SweepCase& one : cases) strategies.insert(strategies.end(), one.strategies.begin(), one.strategies.end());
  check_peers(arguments, strategies);
  const BenchBlock common = common_of(arguments);
  BenchSweep sweep{{}, arguments.out, arguments.quiet};
  std::set<std::string> keys;  // sizes that are named twice are measured once
  for (const SweepCase& one : cases) {
    BenchBlock block = common;
    block.problem = problem_of(arguments, one);
    for (const std::string& name : one.strategies) block.strategies.push_back(&strategy_named(name));
    block.threads = one.threads;
    block.options.snapshots = one.snapshots;
    block.limits.multiplications = std::min(block.limits.multiplications, one.multiplications);
    for (const std::string& name : one.scalars) {
      block.engine = &engine_named(name);
      if (keys.insert(block.key()).second) sweep.blocks.push_back(block);
    }
  }
  return sweep;
}

void run_bench(const BenchArguments& arguments, int& status) {
  set_digits(arguments.problem.digits, arguments.scalars);
  const BenchSweep sweep = sweep_of(arguments);
  pin_threads();  // may start the program anew
  tell_missing_peers(arguments);
  const std::vector<Row> rows = run(sweep);
  const auto rejected = [](const Row& row) {
    return (row.quantity == "verified" || row.quantity == "seconds_p10") &&
           (row.status == Status::failed || row.status == Status::nonfinite);
  };
  const Index failed = std::ranges::count_if(rows, rejected);
  fmt::print("{}\n{} rows, {} cells rejected; wrote {}\n", times_table(rows), rows.size(), failed,
             (sweep.out / "rows.csv").string());
  for (const Row& row : rows)
    if (rejected(row))
      fmt::print("FAIL {} in {}, {}: {}\n", row.cell.strategy, row.cell.scalar, shortened(row.cell.network), row.note);
  if (failed > 0) status = 1;
}

}  // namespace

void add_bench(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("bench", "what the gradients cost: times, memory and operations, verified first");
  auto arguments = std::make_shared<BenchArguments>();
  arguments->networks.add_to(*command, arguments->problem.network);
  arguments->problem.add_to(*command);
  command->add_option("--batch", arguments->batches, "samples, e.g. 1,32")
      ->check(whole(1, most_samples))
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--scalar", arguments->scalars, "scalars of `backprove list scalars`")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--strategy", arguments->strategies, "strategies of `backprove list strategies`")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "threads of every strategy, e.g. 1,2")
      ->check(whole(1, most_threads))
      ->delimiter(',')
      ->capture_default_str();
  add_kernel(*command, arguments->kernel);
  command->add_option("--snapshots", arguments->snapshots, "of reverse_checkpointed; 0 chooses")
      ->check(whole(0, 1000000))
      ->capture_default_str();
  command->add_flag("--input-gradient", arguments->input_gradient, "also the gradient by the inputs");
  std::string sweeps;
  for (const NamedSweep& sweep : named_sweeps()) sweeps += fmt::format("{}{}", sweeps.empty() ? "" : ", ", sweep.name);
  command->add_option("--sweep", arguments->sweep,
                      fmt::format("these cells (backprove list sweeps): {}; --depth, --width, --batch, --scalar, "
                                  "--strategy and --threads then narrow it, --quick leaves out the larger sizes",
                                  sweeps));
  command->add_option("--rounds", arguments->rounds, "samples of every cell")
      ->check(whole(1, 1000000))
      ->capture_default_str();
  command
      ->add_option(
          "--short-rounds", arguments->short_rounds,
          "samples of cells below a millisecond, if more than --rounds, where --seconds allow; of longer ones as "
          "many of these as give every copy of their memory three")
      ->check(whole(0, 1000000))
      ->capture_default_str();
  command
      ->add_option("--restarts", arguments->restarts,
                   "fresh processes that verify and sample every block, since memory lies elsewhere in each; figures "
                   "are medians over them")
      ->check(whole(1, 1000))
      ->capture_default_str();
  command->add_flag("--instructions", arguments->instructions,
                    "also machine instructions of one call, on one thread, by valgrind (some seconds for every block)");
  command
      ->add_option(
          "--instruction-operations", arguments->instruction_operations,
          "multiplications of a gradient beyond which its instructions are not counted; 1e9 take one to two minutes")
      ->check(positive())
      ->capture_default_str();
  command
      ->add_option("--seconds", arguments->seconds,
                   "fewer samples, but at least 5, where a block's would take longer than this in a process; "
                   "with --limits twice as long, for what limits are made of")
      ->check(positive())
      ->capture_default_str();
  command->add_flag("--limits", arguments->limits,
                    "also what this machine could do at most at each cell's shapes, and the fraction of it that was "
                    "reached (some seconds for every new shape)");
  std::string names;
  for (const PeerInfo& peer : known_peers(peer_places()))
    names += fmt::format("{}{}", names.empty() ? "" : ", ", peer.name);
  command
      ->add_option("--peers", arguments->peers,
                   fmt::format("also these systems on the same cells, all if none is named: {} (scripts/setup "
                               "--peers installs them; `backprove list peers`)",
                               names))
      ->expected(0, 100)
      ->delimiter(',');
  command
      ->add_option(
          "--turns", arguments->turns,
          fmt::format("in which a peer and ours are sampled one after the other, at least; up to {} while their "
                      "ratio is not settled. Fewer do where several runs are taken together (targets --median)",
                      most_turns))
      ->check(whole(1, most_turns))
      ->capture_default_str();
  command->add_flag("--quick", arguments->quick, "at most 15 samples of every cell and about 3 s a block");
  command->add_flag("--quiet", arguments->quiet, "no progress lines");
  command->add_option("--out", arguments->out, "folder for rows.csv, samples/, environment.json and the journal")
      ->check(text_of("a folder"))
      ->required();
  command->footer(
      "Every gradient is verified on its own number of threads before it is timed: reverse mode stage by stage, the\n"
      "others against it within both bounds. One that fails is not timed. The samples of a block (one network, batch\n"
      "and scalar) are taken in random order; a second copy of its first cell shows the machine's noise. Threads are\n"
      "bound to cores unless OMP_PROC_BIND says otherwise. A run that was stopped goes on where it was.\n"
      "Exit status: 0 all cells accepted, 1 a cell was rejected, 2 bad usage or input.\n"
      "--restarts N repeats that in N processes. Example: backprove bench --sweep depth --restarts 3 --out out/depth\n"
      "Example: backprove bench --depth 2,4,8 --width 32 --threads 1,2 --out out/bench");
  command->callback([arguments, command, &status] {
    arguments->with_peers = command->count("--peers") > 0;
    std::erase(arguments->peers, "");  // what stands there when none is named
    arguments->batch_given = command->count("--batch") > 0;
    arguments->scalar_given = command->count("--scalar") > 0;
    arguments->strategy_given = command->count("--strategy") > 0;
    arguments->threads_given = command->count("--threads") > 0;
    arguments->depth_given = command->count("--depth") > 0;
    arguments->width_given = command->count("--width") > 0;
    arguments->networks.check(*command);
    for (const char* name : {"--network", "--activation", "--inputs", "--outputs", "--snapshots"})
      if (!arguments->sweep.empty() && command->count(name) > 0)
        throw std::invalid_argument(
            fmt::format("--sweep and {} exclude each other: a sweep has its own networks", name));
    run_bench(*arguments, status);
  });
}

void add_bench_worker(CLI::App& app) {
  app.add_subcommand("bench-worker", "serves bench: questions and answers as lines of JSON")->group("")->callback([] {
    serve_bench(std::cin);
  });
}

std::string sweeps_table() {
  std::string text = "sweeps of bench (--sweep), with all sizes and with --quick:\n";
  for (const NamedSweep& sweep : named_sweeps()) {
    const auto blocks = [&](bool quick) {
      std::size_t count = 0;
      for (const SweepCase& one : sweep.cases(quick)) count += one.scalars.size();
      return count;
    };
    text += fmt::format("  {:<9} {:>4} blocks, {:>3} quick   {}\n", sweep.name, blocks(false), blocks(true),
                        sweep.description);
  }
  return text;
}

}  // namespace backprove
