#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/peers/process.hpp"
#include "core/engine.hpp"
#include "core/record/row.hpp"
#include "verify/problem.hpp"
#include "verify/tolerance.hpp"

namespace backprove {

/// The folder of the peers' programs, and their names there: every file is one but worker.py.
std::filesystem::path peer_programs();
std::vector<std::string> peer_names(const std::filesystem::path& programs = peer_programs());

/// Other systems that compute the same gradients, each a program in a process of its own for every number of threads,
/// started when it is first needed and kept for the cells that follow.
class Peers {
 public:
  /// Throws std::invalid_argument with the known names if one is unknown. `folder` is for the arrays that are handed
  /// over. `python` runs the programs; empty: none is installed.
  Peers(std::vector<std::string> names, std::filesystem::path folder, std::filesystem::path python,
        std::filesystem::path programs = peer_programs());

  /// One cell for all peers: its problem, our gradient of it by all parameters with a bound (empty: none is known), and
  /// the times of ours on every number of threads.
  struct Task {
    const SpecifiedProblem& problem;
    Cell cell;        ///< without strategy, kernel and threads
    Values gradient;  ///< by the parameters, then perhaps by the inputs
    Vector<double> bound;
    std::map<int, double> seconds_p10;
    Index samples;
    double seconds;  ///< at most so long for the samples of one peer on one number of threads
    double most_bytes;
    Index parameters = 0;
    double patience = 180;  ///< seconds that a peer may take to start, or to prepare the cell
  };
  /// Rows of every peer on the same numbers of threads: verified, seconds_p10, seconds_median, ratio_to_peer, and
  /// best_ratio_to_peer; `samples` gets a line for every sample. A peer that cannot serve, fails, or would take longer
  /// than a minute becomes a row that says so.
  std::vector<Row> rows(const Task& task, std::string& samples);
  const std::vector<std::string>& names() const { return asked; }

 private:
  struct Running {
    std::unique_ptr<AnsweringProcess> process;
    std::string version, settings;
  };
  std::vector<std::string> asked;
  std::filesystem::path home, interpreter, folder_of_programs;
  std::map<std::pair<std::string, int>, Running> running;
  std::map<std::string, std::string> gone;  ///< peers that cannot be started, and why

  Running& started(const std::string& peer, int threads, double patience);
  void write_arrays(const Task& task) const;
  /// The row `verified`, and whether the peer may be timed.
  std::pair<Row, bool> compared(const Task& task, const Cell& cell, const std::string& version) const;
  /// p10 in seconds, if the peer was timed.
  std::optional<double> one(const Task& task, const std::string& peer, Cell cell, std::vector<Row>& rows,
                            std::string& samples);
};

}  // namespace backprove
