#pragma once

#include <cstddef>

/// Counts what operator new hands out. allocations.cpp replaces the global operators; link it once a program.
namespace backprove::fuzz {

struct Allocations {
  /// Bytes in use, the most that were, and the largest single request since `reset`. Requests are counted as asked for.
  std::size_t live = 0, peak = 0, largest = 0;
  /// A single request above this is refused with std::bad_alloc in place of being served, so that a parser that asks
  /// for everything is caught before the machine is out of memory.
  std::size_t refuse_above = static_cast<std::size_t>(-1);

  /// Starts a measurement: peak and largest count from here on.
  void reset() {
    peak = live;
    largest = 0;
  }
};

/// Of this process; not for several threads.
Allocations& allocations();

}  // namespace backprove::fuzz
