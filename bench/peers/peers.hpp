#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/peers/catalog.hpp"
#include "bench/peers/process.hpp"
#include "bench/peers/turns.hpp"
#include "core/engine.hpp"
#include "core/record/row.hpp"
#include "verify/problem.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// Other systems that compute the same gradients, each a program in a process of its own for every number of threads,
/// started when it is first needed and kept for the cells that follow.
class Peers {
 public:
  /// `folder` is for the arrays that are handed over.
  Peers(std::vector<PeerInfo> peers, std::filesystem::path folder, PeerPlaces where = peer_places());

  /// One of our strategies, for the peers that are its counterparts.
  struct Counterpart {
    Vector<double> bound;       ///< of its rounding errors; empty: none is known
    std::map<int, Turn> turns;  ///< its samples, by the number of threads
  };
  /// One cell for all peers: its problem, our gradient of it by all parameters with a bound (empty: none is known), and
  /// our strategies that were verified.
  struct Task {
    const SpecifiedProblem& problem;
    Cell cell;        ///< without strategy, kernel and threads
    Values gradient;  ///< by the parameters, then perhaps by the inputs
    Vector<double> bound;
    std::map<std::string, Counterpart> counterparts;
    Index samples;   ///< of everything
    double seconds;  ///< about so long for those of one thing, and more turns for 5 s (take_turns)
    double most_bytes;
    Index parameters = 0;
    Index turns = usual_turns;  ///< at least
    double patience = 180;      ///< seconds that a peer may take to start, or to prepare the cell
  };
  /// Rows of every peer on the same numbers of threads as its counterpart: verified, seconds_p10, seconds_median,
  /// ratio_to_peer, and best_ratio_to_peer; `samples` gets a line for every sample. A peer and its counterpart are
  /// sampled in turns (take_turns), on all numbers of threads, since a shared machine is not as fast every second. A
  /// peer that cannot serve, fails, has no counterpart that was timed, or would need too much memory or longer than a
  /// minute becomes a row that says so.
  std::vector<Row> rows(const Task& task, std::string& samples);
  /// Their names, and which of them are installed: what determines the rows.
  std::string key() const;
  /// Whether the strategy is the counterpart of one of them.
  bool compare_with(std::string_view strategy) const;

 private:
  struct Running {
    std::unique_ptr<AnsweringProcess> process;
    std::string version, settings;
  };
  std::vector<PeerInfo> asked;
  std::filesystem::path home;
  PeerPlaces places;
  std::map<std::pair<std::string, int>, Running> running;
  std::map<std::string, std::string> gone;  ///< peers that cannot be started, and why

  Running& started(const PeerInfo& peer, int threads, double patience);
  void write_arrays(const Task& task) const;
  /// The row `verified`, and whether the peer may be timed.
  std::pair<Row, bool> compared(const Task& task, const Counterpart& ours, const Cell& cell,
                                const std::string& version) const;
  /// A peer that gave the right gradient of a cell.
  struct Prepared {
    Cell cell;
    std::string version;
    double call;        ///< seconds
    bool lost = false;  ///< it failed when it was timed
    TurnSamples samples = {};
  };
  /// Lets a peer prepare the cell; perhaps a row says why it is not timed. Throws what is a row.
  std::optional<Prepared> prepared(const Task& task, const PeerInfo& peer, const Cell& cell, std::vector<Row>& rows);
  /// The samples of its turn.
  std::vector<double> timed(const PeerInfo& peer, const Prepared& one, Index most, double seconds);
  /// Does f; what it throws becomes a row.
  void guarded(const PeerInfo& peer, const Cell& cell, std::vector<Row>& rows, const std::function<void()>& f);
  /// Samples theirs in turns with ours, which it gives by the number of threads; those that fail are left out.
  std::map<int, TurnSamples> sample(const Task& task, const PeerInfo& peer, std::vector<Prepared>& theirs,
                                    std::vector<Row>& rows);
  /// The rows of that.
  void add_times(const Task& task, const PeerInfo& peer, std::vector<Prepared> theirs, std::vector<Row>& rows,
                 std::string& samples);
  /// Rows of one peer on every number of threads.
  void add(const Task& task, const PeerInfo& peer, std::vector<Row>& rows, std::string& samples);
};

}  // namespace backprove
