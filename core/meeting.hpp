#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace backprove {

/// Where the threads of a team wait for each other, in a fifth of the time that a parallel region takes. Every member
/// writes how often it has arrived to a cache line of its own and reads the others', so that a meeting takes what one
/// line takes from core to core; with a counter that all add to, three of them travel.
class Meeting {
  struct alignas(64) Line {
    std::atomic<std::uint64_t> times{0};
  };

 public:
  /// For teams of at most so many.
  explicit Meeting(int most) : lines(static_cast<std::size_t>(most)) {}

  /// One thread calls this before each team.
  void open() { ++teams; }

  /// What one member of the team has of it. All arrive equally often.
  class Member {
   public:
    Member(Meeting& of, int self, int team) : line(of.lines.data()), me(self), size(team), times(of.teams << 32) {}

    /// What this member wrote before, the others may read behind their next wait.
    void arrive() { line[me].times.store(++times, std::memory_order_release); }
    /// Until all have arrived as often as this member has.
    void wait() const {
      for (int other = 0; other < size; ++other) {
        if (other == me) continue;
        // A thread that is not running at the moment is worth giving up the core for.
        for (int spins = 0; line[other].times.load(std::memory_order_acquire) < times; ++spins)
          if (spins > 4000) std::this_thread::yield();
      }
    }
    void meet() {
      if (size == 1) return;
      arrive();
      wait();
    }

   private:
    Line* line;
    int me, size;
    std::uint64_t times;
  };

 private:
  std::vector<Line> lines;
  std::uint64_t teams = 0;
};

}  // namespace backprove
