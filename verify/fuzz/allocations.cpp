#include "verify/fuzz/allocations.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace backprove::fuzz {

Allocations& allocations() {
  static Allocations counts;
  return counts;
}

}  // namespace backprove::fuzz

namespace {

using backprove::fuzz::allocations;

void* counted(std::size_t size) {
  auto& counts = allocations();
  counts.largest = std::max(counts.largest, size);
  if (size > counts.refuse_above) throw std::bad_alloc();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  counts.live += ::malloc_usable_size(memory);
  counts.peak = std::max(counts.peak, counts.live);
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  allocations().live -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
