#include "verify/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace backprove {

Progress::Progress(Index of, bool silent, std::string pieces)
    : total(of), quiet(silent), terminal(isatty(STDERR_FILENO) == 1), unit(std::move(pieces)) {}

Progress::~Progress() {
  if (!quiet && terminal && finished > 0) fmt::print(stderr, "\n");
}

void Progress::done(const std::string& what) {
  const std::lock_guard lock(mutex);
  ++finished;
  if (quiet) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double rate = static_cast<double>(finished) / std::max(seconds, 1e-9);
  const double left = static_cast<double>(total - finished) / rate;
  show(fmt::format("{} of {} {}, {:.0f} s elapsed, about {:.0f} s left, last: {}", finished, total, unit, seconds, left,
                   what),
       finished == total);
}

void Progress::now(const std::string& line) {
  const std::lock_guard lock(mutex);
  if (!quiet) show(fmt::format("{} of {} {}, {}", finished, total, unit, line), false);
}

void Progress::show(const std::string& line, bool surely) {
  if (terminal) {
    fmt::print(stderr, "\r\033[K{}", line.substr(0, 118));
  } else if (surely || Clock::now() - last_line > std::chrono::seconds(5)) {
    fmt::print(stderr, "{}\n", line);
    last_line = Clock::now();
  }
  std::fflush(stderr);
}

void Progress::say(const std::string& line) {
  const std::lock_guard lock(mutex);
  if (!quiet) fmt::print(stderr, "{}{}\n", terminal ? "\r\033[K" : "", line);
}

}  // namespace backprove
