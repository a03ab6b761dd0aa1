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

/// The peer cannot serve the cell; no fault of anybody.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The cell would cost more than a peer may.
struct Beyond : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Samples of turns as lines with the columns sample_columns (bench/timed_cell.hpp).
std::string lines(const std::string& cell, std::string_view what, std::string_view strategy, int threads,
                  const TurnSamples& turns) {
  std::string text;
  Index order = 0;
  for (const std::vector<double>& turn : turns)
    for (const double seconds : turn)
      text += fmt::format("{},{},{},{},{},1,{:.9g},,,,,\n", cell, what, strategy, threads, order++, seconds);
  return text;
}

/// A number and a sentence, in a row.
Row row_of(const Cell& cell, std::string_view quantity, double value, std::string note, Status status = Status::ok) {
  return make_row(cell, quantity, value, status, std::move(note));
}

}  // namespace

Peers::Peers(std::vector<PeerInfo> peers, fs::path folder, PeerPlaces where)
    : asked(std::move(peers)), home(std::move(folder)), places(std::move(where)) {
  fs::create_directories(home);
  home = fs::absolute(home);  // a peer may go elsewhere
}

Peers::Running& Peers::started(const PeerInfo& peer, int threads, double patience) {
  if (gone.contains(peer.name)) throw Unsupported(gone[peer.name]);
  Running& found = running[{peer.name, threads}];
  if (found.process) return found;
  if (const std::string reason = missing(peer, places); !reason.empty()) throw Unsupported(reason);
  const std::string n = std::to_string(threads);
  const std::vector<std::string> environment{
      "PATH=/usr/bin:/bin",   "HOME=" + home.string(),
      "LC_ALL=C.UTF-8",       "OMP_NUM_THREADS=" + n,
      "MKL_NUM_THREADS=" + n, "OPENBLAS_NUM_THREADS=" + n,
      "JAX_PLATFORMS=cpu",    "XLA_FLAGS=--xla_cpu_multi_thread_eigen=" + std::string(threads > 1 ? "true" : "false")};
  try {
    found.process = std::make_unique<AnsweringProcess>(command_of(peer, places), environment, threads,
                                                       home / fmt::format("{}-{}.log", peer.name, threads));
    const json greeting = found.process->hear(patience);
    found.version = greeting.at("version");
    found.settings = greeting.at("settings").dump();
  } catch (const std::exception& error) {
    found.process.reset();
    const std::string why = error.what();
    const bool absent = why.find("No module named") != std::string::npos;
    gone[peer.name] = absent ? "not installed: " + why : "cannot be started: " + why;
    throw Unsupported(gone[peer.name]);
  }
  return found;
}

std::string Peers::key() const {
  std::string text;
  for (const PeerInfo& peer : asked) text += (missing(peer, places).empty() ? " " : " no ") + peer.name;
  return text;
}

bool Peers::compare_with(std::string_view strategy) const {
  return std::ranges::find(asked, strategy, &PeerInfo::counterpart) != asked.end();
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

std::pair<Row, bool> Peers::compared(const Task& task, const Counterpart& ours, const Cell& cell,
                                     const std::string& version) const {
  const NpyArray theirs = read_npy(home / "gradient.npy");
  const Index size = task.parameters;
  if (static_cast<Index>(theirs.values.size()) != size)
    return {row_of(cell, "verified", 0,
                   fmt::format("{}: {} numbers in place of {}", version, theirs.values.size(), size), Status::failed),
            false};
  const bool bounded = task.bound.size() > 0 && ours.bound.size() > 0;
  double worst = 0, apart = 0, largest = 0;
  for (Index i = 0; i < size; ++i) {
    const double right = task.gradient.as_double(i), off = std::abs(theirs.values[static_cast<std::size_t>(i)] - right);
    apart = std::isnan(off) ? off : std::max(apart, off);
    largest = std::max(largest, std::abs(right));
    if (!bounded || off == 0) continue;
    const double ratio = off / (task.bound(i) + ours.bound(i));
    worst = std::isnan(ratio) ? std::numeric_limits<double>::infinity() : std::max(worst, ratio);
  }
  const std::string differs =
      fmt::format("{}: differs from reverse_vjp by {:.2g} of the largest entry", version, apart / largest);
  if (!std::isfinite(apart) || !(worst <= 1))
    return {row_of(cell, "verified", 0, fmt::format("{}, {:.3g} times both bounds", differs, worst), Status::failed),
            false};
  const bool sharp = bounded && std::max(task.bound.maxCoeff(), ours.bound.maxCoeff()) < largest;
  return {row_of(cell, "verified", sharp ? 1 : 0,
                 sharp ? fmt::format("{}, {:.2g} times both bounds", differs, worst)
                       : differs + "; no sharp bound is known",
                 sharp ? Status::ok : Status::inconclusive),
          true};
}

std::optional<Peers::Prepared> Peers::prepared(const Task& task, const PeerInfo& peer, const Cell& cell,
                                               std::vector<Row>& rows) {
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
                   {"gradient", (home / "gradient.npy").string()},
                   {"most_bytes", task.most_bytes},
                   {"most_seconds", most_seconds_of_cell}});
  const json answer = at.process->hear(task.patience);
  if (answer.contains("unsupported")) throw Unsupported(answer["unsupported"].get<std::string>());
  if (answer.contains("limit")) throw Beyond(answer["limit"].get<std::string>());
  auto [verdict, good] = compared(task, task.counterparts.at(peer.counterpart), cell, at.version);
  verdict.note += "; " + at.settings;
  rows.push_back(verdict);
  if (!good) return std::nullopt;
  const double call = answer.at("call");
  if (call * static_cast<double>(task.turns) > most_seconds_of_cell) {
    rows.push_back(row_of(cell, "seconds_p10", call,
                          fmt::format("one call; {} would take longer than {:g} s", task.turns, most_seconds_of_cell),
                          Status::limit));
    return std::nullopt;
  }
  return Prepared{cell, at.version, call};
}

std::vector<double> Peers::timed(const PeerInfo& peer, const Prepared& one, Index most, double seconds) {
  AnsweringProcess& process = *running.at({peer.name, one.cell.threads}).process;
  process.say({{"op", "time"}, {"samples", most}, {"seconds", seconds}, {"warming", warming_of_turn}});
  std::vector<double> found = process.hear(seconds + most_seconds_of_cell + 2 * one.call).at("seconds");
  if (found.empty()) throw std::runtime_error("it gave no samples");
  return found;
}

void Peers::guarded(const PeerInfo& peer, const Cell& cell, std::vector<Row>& rows, const std::function<void()>& f) {
  try {
    f();
  } catch (const Unsupported& reason) {
    rows.push_back(row_of(cell, "verified", std::nan(""), reason.what(), Status::unsupported));
  } catch (const Beyond& reason) {
    rows.push_back(row_of(cell, "verified", std::nan(""), reason.what(), Status::limit));
  } catch (const TooSlow& reason) {
    running.erase({peer.name, cell.threads});
    rows.push_back(row_of(cell, "verified", std::nan(""), reason.what(), Status::limit));
  } catch (const std::exception& error) {
    running.erase({peer.name, cell.threads});
    rows.push_back(row_of(cell, "verified", 0, fmt::format("the peer failed: {}", error.what()), Status::failed));
  }
}

std::map<int, TurnSamples> Peers::sample(const Task& task, const PeerInfo& peer, std::vector<Prepared>& theirs,
                                         std::vector<Row>& rows) {
  const std::map<int, Turn>& turns = task.counterparts.at(peer.counterpart).turns;
  std::vector<Turn> things;
  things.reserve(theirs.size() + turns.size());
  for (Prepared& one : theirs)
    things.emplace_back([&](Index, Index most, double seconds) {
      std::vector<double> found;
      if (!one.lost) guarded(peer, one.cell, rows, [&] { found = timed(peer, one, most, seconds); });
      one.lost = found.empty();
      return found;
    });
  for (const auto& [threads, turn] : turns) things.push_back(turn);
  const auto settled = [&](const std::vector<TurnSamples>& so_far) {
    if (std::ranges::all_of(theirs, &Prepared::lost)) return true;
    std::vector<const TurnSamples*> all;
    for (const TurnSamples& one : so_far) all.push_back(&one);
    const auto ours = all.begin() + std::ssize(theirs);
    return ratio_of({all.begin(), ours}, {ours, all.end()}).settled();
  };
  std::vector<TurnSamples> found = take_turns(things, task.turns, task.samples, task.seconds, settled);
  for (std::size_t k = 0; k < theirs.size(); ++k) theirs[k].samples = std::move(found[k]);
  std::erase_if(theirs, [](const Prepared& one) { return one.lost; });
  std::map<int, TurnSamples> ours;
  for (auto one = found.end() - std::ssize(turns); const auto& [threads, turn] : turns)
    ours[threads] = std::move(*one++);
  return ours;
}

void Peers::add_times(const Task& task, const PeerInfo& peer, std::vector<Prepared> theirs, std::vector<Row>& rows,
                      std::string& samples) {
  const std::map<int, TurnSamples> ours = sample(task, peer, theirs, rows);
  std::vector<const TurnSamples*> all_theirs, all_ours;
  for (const auto& [threads, turns] : ours) {
    all_ours.push_back(&turns);
    samples += lines(task.cell.id(), "beside " + peer.name, peer.counterpart, threads, turns);
  }
  const auto add_ratio = [&](const Cell& cell, std::string_view quantity, const TurnRatio& ratio, const char* how) {
    rows.push_back(
        row_of(cell, quantity, ratio.median,
               fmt::format("median of {} turns (the middle half {:.3g} to {:.3g}), its p10 over that of {}{}",
                           ratio.turns, ratio.lower, ratio.upper, peer.counterpart, how)));
  };
  for (const auto& [cell, version, call, lost, turns] : theirs) {
    const std::vector<double> all = all_of(turns);
    const std::string note = fmt::format("{}; {} samples", version, all.size());
    rows.push_back(row_of(cell, "seconds_p10", quantile(all, 0.1), note));
    rows.push_back(row_of(cell, "seconds_median", quantile(all, 0.5), note));
    samples += lines(cell.id(), "peer", peer.name, cell.threads, turns);
    add_ratio(cell, "ratio_to_peer", ratio_of({&turns}, {&ours.at(cell.threads)}), "");
    all_theirs.push_back(&turns);
  }
  if (theirs.empty()) return;
  Cell best = theirs.front().cell;
  best.threads = 0;
  add_ratio(best, "best_ratio_to_peer", ratio_of(all_theirs, all_ours), ", each on its best number of threads");
}

void Peers::add(const Task& task, const PeerInfo& peer, std::vector<Row>& rows, std::string& samples) {
  Cell cell = task.cell;
  cell.strategy = peer.name;
  cell.kernel = "peer";
  const auto refuse = [&](std::string reason, Status status) {
    rows.push_back(row_of(cell, "verified", std::nan(""), std::move(reason), status));
  };
  if (const std::string reason = missing(peer, places); !reason.empty()) return refuse(reason, Status::unsupported);
  const auto found = task.counterparts.find(peer.counterpart);
  if (found == task.counterparts.end())
    return refuse(fmt::format("compared with {}, which was not timed here", peer.counterpart), Status::unsupported);
  const double bytes = 6 * task.problem.data_bytes();  // theirs, ours, gradients, and what lies between
  if (bytes > task.most_bytes)
    return refuse(fmt::format("needs about {:.3g} bytes, the limit is {:.3g}", bytes, task.most_bytes), Status::limit);
  std::vector<Prepared> ready;
  for (const auto& [threads, turn] : found->second.turns) {
    cell.threads = threads;
    if (peer.one_thread && threads > 1)
      refuse(fmt::format("{} runs on one thread", peer.system), Status::unsupported);
    else
      guarded(peer, cell, rows, [&] {
        if (auto one = prepared(task, peer, cell, rows)) ready.push_back(std::move(*one));
      });
  }
  if (!ready.empty()) add_times(task, peer, std::move(ready), rows, samples);
}

std::vector<Row> Peers::rows(const Task& task, std::string& samples) {
  std::vector<Row> all;
  const auto there = [&](const PeerInfo& peer) { return missing(peer, places).empty(); };
  if (std::ranges::any_of(asked, there)) write_arrays(task);
  for (const PeerInfo& peer : asked) add(task, peer, all, samples);
  return all;
}

}  // namespace backprove
