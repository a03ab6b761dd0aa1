#pragma once

#include <mpfr.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include "core/kernels/products_by.hpp"
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
  const Kernel* kernel = ProductsBy::active();
#pragma omp parallel num_threads(threads)
  {
    const ProductsBy scope(kernel);
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

/// Calls f(member, size) once on every thread of a team of up to `threads`, which may be fewer; f must not throw.
template <class F>
void on_team(int threads, F&& f) {
  if (threads <= 1) return f(0, 1);
#pragma omp parallel num_threads(threads)
  f(omp_get_thread_num(), omp_get_num_threads());
}

/// Calls f(k) for k = 0, ..., threads - 1, each on the same thread of the team every time, so that what it last touched
/// lies in its caches; f must not throw.
template <class F>
void on_each(int threads, F&& f) {
  on_team(threads, [&](int me, int size) {
    for (int k = me; k < threads; k += size) f(k);
  });
}

/// Samples a chunk holds when a batch of B is split: at least 16, and at most 8 chunks, whatever the threads.
inline Index sample_chunk(Index batch) { return std::max<Index>(16, (batch + 7) / 8); }

}  // namespace backprove
