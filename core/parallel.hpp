#pragma once

#include <mpfr.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "core/types.hpp"

/// The only file that knows OpenMP. How work is split never depends on the number of threads, and whoever combines
/// results does so in chunk order, so every thread count gives the same bits.
namespace backprove {

/// Sees to it that the constants and spare numbers which MPFR keeps for every thread are given back when this one ends.
inline void free_mpfr_cache_with_thread() {
  struct Cache {
    Cache() = default;
    ~Cache() { mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); }
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;
  };
  static thread_local const Cache cache;
}

/// Calls f(chunk, begin, end) once for every chunk of at most `chunk` consecutive indices of [0, n), on up to `threads`
/// threads. If calls throw, the exception of the lowest chunk leaves, after all chunks have ended.
template <class F>
void map_chunks(Index n, Index chunk, int threads, F&& f) {
  const Index chunks = n <= 0 ? 0 : (n + chunk - 1) / chunk;
  const auto call = [&](Index c) { f(c, c * chunk, std::min(n, (c + 1) * chunk)); };
  if (threads <= 1 || chunks <= 1) {
    for (Index c = 0; c < chunks; ++c) call(c);
    return;
  }
  std::exception_ptr first;
  Index first_chunk = chunks;
  std::mutex guard;
#pragma omp parallel num_threads(threads)
  {
    free_mpfr_cache_with_thread();  // before the first chunk, so that no later call allocates
#pragma omp for schedule(dynamic, 1)
    for (Index c = 0; c < chunks; ++c) {
      try {
        call(c);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (c < first_chunk) {
          first = std::current_exception();
          first_chunk = c;
        }
      }
    }
  }
  if (first) std::rethrow_exception(first);
}

/// Samples a chunk holds when a batch of B is split: at least 16, and at most 8 chunks, whatever the threads.
inline Index sample_chunk(Index batch) { return std::max<Index>(16, (batch + 7) / 8); }

}  // namespace backprove
