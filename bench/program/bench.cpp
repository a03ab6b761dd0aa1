#include <fmt/format.h>

#include <algorithm>

#include "bench/bench_sweep.hpp"
#include "bench/pinning.hpp"
#include "bench/program/commands.hpp"
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
  Index rounds = 50, snapshots = 0;
  double seconds = 60;
  bool input_gradient = false, limits = false, quick = false, quiet = false;
  std::string kernel = "auto", out;
  std::vector<std::string> peers;
  bool with_peers = false;
};

template <class V>
void without_repetitions(std::vector<V>& values) {
  std::vector<V> once;
  for (const V& value : values)
    if (std::ranges::find(once, value) == once.end()) once.push_back(value);
  values = std::move(once);
}

BenchSweep sweep_of(BenchArguments arguments) {
  BenchSweep sweep;
  without_repetitions(arguments.scalars);
  without_repetitions(arguments.strategies);
  without_repetitions(arguments.threads);
  for (const std::string& name : arguments.scalars) {
    sweep.scalars.push_back(&engine_named(name));
    if (!sweep.scalars.back()->listed())
      throw std::invalid_argument(fmt::format("scalar '{}' only serves others; see backprove list scalars", name));
  }
  for (const std::string& name : arguments.strategies) sweep.strategies.push_back(&strategy_named(name));
  for (const std::string& text : arguments.networks.networks(arguments.problem.network))
    for (const Index batch : arguments.batches)
      sweep.problems.push_back({text, arguments.problem.loss, arguments.problem.parsed_reduction(),
                                arguments.problem.recipe(arguments.scalars, batch), 0});
  sweep.threads = arguments.threads;
  sweep.options.snapshots = arguments.snapshots;
  sweep.options.kernel = kernel_named(arguments.kernel);
  sweep.options.input_gradient = arguments.input_gradient;
  sweep.limits = arguments.problem.limits();
  sweep.plan = {arguments.rounds, arguments.seconds};
  if (arguments.quick) sweep.plan = {std::min<Index>(arguments.rounds, 15), std::min(arguments.seconds, 3.0)};
  sweep.compare_with_limits = arguments.limits;
  sweep.out = arguments.out;
  if (arguments.with_peers) {
    std::vector<PeerInfo> peers = peers_named(arguments.peers, peer_places());
    for (const PeerInfo& peer : peers)  // of those that nobody named, a row says so
      if (!arguments.peers.empty() &&
          std::ranges::find(arguments.strategies, peer.counterpart) == arguments.strategies.end())
        throw std::invalid_argument(
            fmt::format("peer '{}' is compared with {}, which --strategy leaves out", peer.name, peer.counterpart));
    sweep.peers = std::make_shared<Peers>(std::move(peers), sweep.out / "peers");
  }
  sweep.quiet = arguments.quiet;
  return sweep;
}

void run_bench(const BenchArguments& arguments, int& status) {
  set_digits(arguments.problem.digits, arguments.scalars);
  const BenchSweep sweep = sweep_of(arguments);
  pin_threads();
  const std::vector<Row> rows = run(sweep);
  const auto rejected = [](const Row& row) {
    return row.quantity == "verified" && (row.status == Status::failed || row.status == Status::nonfinite);
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
  command->add_option("--rounds", arguments->rounds, "samples of every cell")
      ->check(whole(1, 1000000))
      ->capture_default_str();
  command
      ->add_option("--seconds", arguments->seconds,
                   "fewer samples, but at least 5, where a block's would take longer than this")
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
      "Example: backprove bench --depth 2,4,8 --width 32 --threads 1,2 --out out/bench");
  command->callback([arguments, command, &status] {
    arguments->with_peers = command->count("--peers") > 0;
    std::erase(arguments->peers, "");  // what stands there when none is named
    arguments->networks.check(*command);
    run_bench(*arguments, status);
  });
}

}  // namespace backprove
