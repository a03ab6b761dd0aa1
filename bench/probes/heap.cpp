#include "bench/probes/heap.hpp"

#include <malloc.h>
#include <stdlib.h>

#include <atomic>
#include <cerrno>
#include <limits>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BACKPROVE_SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(BACKPROVE_SANITIZED)
#define BACKPROVE_SEES_HEAP
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<long> live{0}, peak{0};

[[maybe_unused]] void* gained(void* memory) noexcept {
  if (memory == nullptr || !counting.load(std::memory_order_relaxed)) return memory;
  const long size = static_cast<long>(malloc_usable_size(memory));
  const long now = live.fetch_add(size, std::memory_order_relaxed) + size;
  long before = peak.load(std::memory_order_relaxed);
  while (now > before && !peak.compare_exchange_weak(before, now, std::memory_order_relaxed)) continue;
  return memory;
}
[[maybe_unused]] void lost(void* memory) noexcept {
  if (memory != nullptr && counting.load(std::memory_order_relaxed))
    live.fetch_sub(static_cast<long>(malloc_usable_size(memory)), std::memory_order_relaxed);
}

}  // namespace

#ifdef BACKPROVE_SEES_HEAP
/// These stand in for glibc's in the whole program; operator new, Eigen and OpenMP end here. Nothing but one flag is
/// read while nobody counts.
extern "C" {

void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* memory, size_t size) noexcept;
void* __libc_memalign(size_t alignment, size_t size) noexcept;
void __libc_free(void* memory) noexcept;

void* malloc(size_t size) noexcept { return gained(__libc_malloc(size)); }
void* calloc(size_t count, size_t size) noexcept { return gained(__libc_calloc(count, size)); }
void* realloc(void* memory, size_t size) noexcept {
  lost(memory);
  void* moved = __libc_realloc(memory, size);
  if (moved == nullptr && size > 0) gained(memory);  // it is still there
  return gained(moved);
}
void* memalign(size_t alignment, size_t size) noexcept { return gained(__libc_memalign(alignment, size)); }
void* aligned_alloc(size_t alignment, size_t size) noexcept { return gained(__libc_memalign(alignment, size)); }
int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  void* made = gained(__libc_memalign(alignment, size));
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}
void free(void* memory) noexcept {
  lost(memory);
  __libc_free(memory);
}
}
#endif

namespace backprove {

double heap_peak_bytes(const std::function<void()>& call) {
#ifdef BACKPROVE_SEES_HEAP
  live = peak = 0;
  counting = true;
  try {
    call();
  } catch (...) {
    counting = false;
    throw;
  }
  counting = false;
  return static_cast<double>(peak.load());
#else
  call();
  return std::numeric_limits<double>::quiet_NaN();
#endif
}

}  // namespace backprove
