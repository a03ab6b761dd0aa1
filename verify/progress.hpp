#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "core/types.hpp"

namespace backprove {

/// One line on stderr that says how far a sweep is: rewritten in place on a terminal, else a plain line now and then.
class Progress {
 public:
  /// `unit` names the pieces: "cell groups".
  Progress(Index total, bool quiet, std::string unit = "cell groups");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// A piece of work has ended.
  void done(const std::string& what);
  /// A line of its own, now.
  void say(const std::string& line);
  /// What is going on within a piece: on a terminal in place of the last such line, else now and then.
  void now(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;
  const Index total;
  const bool quiet, terminal;
  const std::string unit;
  Index finished = 0;
  Clock::time_point start = Clock::now(), last_line = start;
  std::mutex mutex;

  void show(const std::string& line, bool surely);
};

}  // namespace backprove
