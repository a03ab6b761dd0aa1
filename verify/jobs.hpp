#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/parallel.hpp"

namespace backprove {

/// Calls f(i) for every i of [0, n) on plain threads, not OpenMP's: inside one of its parallel regions, a strategy that
/// is asked to use several threads gets one.
template <class F>
void on_threads(Index n, int jobs, F&& f) {
  std::atomic<Index> next = 0;
  std::exception_ptr first;
  std::mutex guard;
  const auto work = [&] {
    free_mpfr_cache_with_thread();
    try {
      for (Index i = next++; i < n; i = next++) f(i);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!first) first = std::current_exception();
      next = n;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int j = 0; j < jobs; ++j) threads.emplace_back(work);
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace backprove
