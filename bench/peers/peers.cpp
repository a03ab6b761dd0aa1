#include "bench/peers/peers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/sampling.hpp"
#include "core/io/npy.hpp"

namespace backprove {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// A peer whose samples of one cell would take longer is left out.
constexpr double most_seconds_of_cell = 60;
constexpr Index fewest_samples = 5;

/// The peer cannot serve the cell; no fault of anybody.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A number and a sentence, in a row.
Row row_of(const Cell& cell, std::string_view quantity, double value, std::string note, Status status = Status::ok) {
  return make_row(cell, quantity, value, status, std::move(note));
}

}  // namespace

fs::path peer_programs() { return BACKPROVE_BENCH_PEERS_DIR; }

std::vector<std::string> peer_names(const fs::path& programs) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(programs))
    if (entry.path().extension() == ".py" && entry.path().stem() != "worker") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

Peers::Peers(std::vector<std::string> names, fs::path folder, fs::path python, fs::path programs)
    : asked(std::move(names)),
      home(std::move(folder)),
      interpreter(std::move(python)),
      folder_of_programs(std::move(programs)) {
  const std::vector<std::string> known = peer_names(folder_of_programs);
  std::string list;
  for (const std::string& name : known) list += " " + name;
  for (const std::string& name : asked)
    if (std::ranges::find(known, name) == known.end())
      throw std::invalid_argument(fmt::format("unknown peer '{}'; known are:{}", name, list));
  fs::create_directories(home);
}

Peers::Running& Peers::started(const std::string& peer, int threads, double patience) {
  if (gone.contains(peer)) throw Unsupported(gone[peer]);
  Running& found = running[{peer, threads}];
  if (found.process) return found;
  if (interpreter.empty()) throw Unsupported("not installed (scripts/setup --peers)");
  const std::string n = std::to_string(threads);
  const std::vector<std::string> environment{
      "PATH=/usr/bin:/bin",   "HOME=" + home.string(),
      "LC_ALL=C.UTF-8",       "OMP_NUM_THREADS=" + n,
      "MKL_NUM_THREADS=" + n, "OPENBLAS_NUM_THREADS=" + n,
      "JAX_PLATFORMS=cpu",    "XLA_FLAGS=--xla_cpu_multi_thread_eigen=" + std::string(threads > 1 ? "true" : "false")};
  const fs::path script = folder_of_programs / (peer + ".py");
  try {
    found.process =
        std::make_unique<AnsweringProcess>(std::vector<std::string>{interpreter.string(), "-B", script.string()},
                                           environment, threads, home / fmt::format("{}-{}.log", peer, threads));
    const json greeting = found.process->hear(patience);
    found.version = greeting.at("version");
    found.settings = greeting.at("settings").dump();
  } catch (const std::exception& error) {
    found.process.reset();
    const std::string why = error.what();
    const bool absent = why.find("No module named") != std::string::npos;
    gone[peer] = absent ? "not installed: " + why : "cannot be started: " + why;
    throw Unsupported(gone[peer]);
  }
  return found;
}

void Peers::write_arrays(const Task& task) const {
  const Data& data = task.problem.data();
  const auto numbers = [](const auto& m) { return std::vector<double>(m.data(), m.data() + m.size()); };
  write_npy(home / "theta.npy", numbers(data.theta), {data.theta.size()});
  write_npy(home / "x.npy", numbers(data.x), {data.x.cols(), data.x.rows()});
  const bool classes = task.problem.loss().targets() == Targets::classes;
  write_npy(home / "y.npy", numbers(data.y),
            classes ? std::vector<Index>{data.y.cols()} : std::vector<Index>{data.y.cols(), data.y.rows()});
}

std::pair<Row, bool> Peers::compared(const Task& task, const Cell& cell, const std::string& version) const {
  const NpyArray theirs = read_npy(home / "gradient.npy");
  const Index size = task.parameters;
  if (static_cast<Index>(theirs.values.size()) != size)
    return {row_of(cell, "verified", 0,
                   fmt::format("{}: {} numbers in place of {}", version, theirs.values.size(), size), Status::failed),
            false};
  double worst = 0, apart = 0, largest = 0;
  for (Index i = 0; i < size; ++i) {
    const double ours = task.gradient.as_double(i), off = std::abs(theirs.values[static_cast<std::size_t>(i)] - ours);
    apart = std::isnan(off) ? off : std::max(apart, off);
    largest = std::max(largest, std::abs(ours));
    if (task.bound.size() == 0 || off == 0) continue;
    const double ratio = off / (2 * task.bound(i));
    worst = std::isnan(ratio) ? std::numeric_limits<double>::infinity() : std::max(worst, ratio);
  }
  const std::string differs =
      fmt::format("{}: differs from reverse_vjp by {:.2g} of the largest entry", version, apart / largest);
  if (!std::isfinite(apart) || !(worst <= 1))
    return {row_of(cell, "verified", 0, fmt::format("{}, {:.3g} times both bounds", differs, worst), Status::failed),
            false};
  const bool sharp = task.bound.size() > 0 && task.bound.maxCoeff() < largest;
  return {row_of(cell, "verified", sharp ? 1 : 0,
                 sharp ? fmt::format("{}, {:.2g} times both bounds", differs, worst)
                       : differs + "; no sharp bound is known",
                 sharp ? Status::ok : Status::inconclusive),
          true};
}

std::optional<double> Peers::one(const Task& task, const std::string& peer, Cell cell, std::vector<Row>& rows,
                                 std::string& samples) {
  cell.strategy = peer;
  cell.kernel = "peer";
  try {
    Running& at = started(peer, cell.threads, task.patience);
    fs::remove(home / "gradient.npy");  // another peer's is no answer
    at.process->say({{"op", "prepare"},
                     {"network", cell.network},
                     {"loss", cell.loss},
                     {"reduction", task.problem.loss().reduction == Reduction::mean ? "mean" : "sum"},
                     {"scalar", cell.scalar},
                     {"theta", (home / "theta.npy").string()},
                     {"x", (home / "x.npy").string()},
                     {"y", (home / "y.npy").string()},
                     {"gradient", (home / "gradient.npy").string()}});
    const json prepared = at.process->hear(task.patience);
    if (prepared.contains("unsupported")) throw Unsupported(prepared["unsupported"].get<std::string>());
    auto [verdict, good] = compared(task, cell, at.version);
    verdict.note += "; " + at.settings;
    rows.push_back(verdict);
    if (!good) return std::nullopt;
    const double call = prepared.at("call");
    if (call * fewest_samples > most_seconds_of_cell) {
      rows.push_back(
          row_of(cell, "seconds_p10", call,
                 fmt::format("one call; {} would take longer than {:g} s", fewest_samples, most_seconds_of_cell),
                 Status::limit));
      return std::nullopt;
    }
    at.process->say({{"op", "time"}, {"samples", task.samples}, {"seconds", task.seconds}});
    const json timed = at.process->hear(task.seconds + most_seconds_of_cell + fewest_samples * call);
    const std::vector<double> seconds = timed.at("seconds");
    if (seconds.empty()) throw std::runtime_error("it gave no samples");
    const std::string note = fmt::format("{}; {} samples", at.version, seconds.size());
    const double p10 = quantile(seconds, 0.1);
    rows.push_back(row_of(cell, "seconds_p10", p10, note));
    rows.push_back(row_of(cell, "seconds_median", quantile(seconds, 0.5), note));
    for (std::size_t k = 0; k < seconds.size(); ++k)
      samples += fmt::format("{},peer,{},{},{},1,{:.9g},,,,\n", cell.id(), peer, cell.threads, k, seconds[k]);
    return p10;
  } catch (const Unsupported& reason) {
    rows.push_back(row_of(cell, "verified", std::nan(""), reason.what(), Status::unsupported));
  } catch (const std::exception& error) {
    running.erase({peer, cell.threads});
    rows.push_back(row_of(cell, "verified", 0, fmt::format("the peer failed: {}", error.what()), Status::failed));
  }
  return std::nullopt;
}

std::vector<Row> Peers::rows(const Task& task, std::string& samples) {
  std::vector<Row> all;
  const double bytes = 6 * task.problem.data_bytes();  // theirs, ours, gradients, and what lies between
  if (interpreter.empty() || bytes > task.most_bytes) {
    const bool absent = interpreter.empty();
    for (const std::string& peer : asked) {
      Cell cell = task.cell;
      cell.strategy = peer;
      cell.kernel = "peer";
      all.push_back(row_of(cell, "verified", std::nan(""),
                           absent
                               ? "not installed (scripts/setup --peers)"
                               : fmt::format("needs about {:.3g} bytes, the limit is {:.3g}", bytes, task.most_bytes),
                           absent ? Status::unsupported : Status::limit));
    }
    return all;
  }
  write_arrays(task);
  double ours = std::numeric_limits<double>::infinity();
  for (const auto& [threads, seconds] : task.seconds_p10) ours = std::min(ours, seconds);
  for (const std::string& peer : asked) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto& [threads, seconds] : task.seconds_p10) {
      Cell cell = task.cell;
      cell.threads = threads;
      const auto theirs = one(task, peer, cell, all, samples);
      if (!theirs) continue;
      cell.strategy = peer;
      cell.kernel = "peer";
      all.push_back(row_of(cell, "ratio_to_peer", *theirs / seconds, "its p10 over that of reverse_vjp"));
      best = std::min(best, *theirs);
    }
    if (!std::isfinite(best)) continue;
    Cell cell = task.cell;
    cell.strategy = peer;
    cell.kernel = "peer";
    cell.threads = 0;
    all.push_back(row_of(cell, "best_ratio_to_peer", best / ours, "each on its best number of threads"));
  }
  return all;
}

}  // namespace backprove
