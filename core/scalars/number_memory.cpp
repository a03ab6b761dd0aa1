#include "core/scalars/number_memory.hpp"

#include <gmp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

namespace backprove {

namespace {

#ifdef BACKPROVE_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
constexpr std::size_t step = 16, largest = 256;

struct Block {
  Block* next;
};
struct List {
  Block* first;
  std::size_t blocks;
};

/// Without a constructor, so that it is there before and after everything else of its thread.
constinit thread_local std::array<List, largest / step + 1> kept{};
constinit thread_local bool thread_has_ended = false;

/// Gives a thread's blocks back when it ends. Numbers that end later, as static ones do, go to the heap at once.
struct AtThreadEnd {
  ~AtThreadEnd() {
    thread_has_ended = true;
    for (List& list : kept)
      while (Block* block = list.first) {
        list.first = block->next;
        std::free(block);
      }
  }
};

std::size_t multiple(std::size_t bytes) { return (std::max<std::size_t>(bytes, 1) + step - 1) / step; }

void* from_heap(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void* take(std::size_t bytes) {
  if (bytes > largest) return from_heap(bytes);
  List& list = kept[multiple(bytes)];
  Block* block = list.first;
  if (!block) return from_heap(multiple(bytes) * step);
  list.first = block->next;
  --list.blocks;
  return block;
}

void give(void* memory, std::size_t bytes) {
  if (bytes > largest || thread_has_ended) return std::free(memory);
  List& list = kept[multiple(bytes)];
  if (list.blocks == most_kept_blocks) return std::free(memory);
  static thread_local const AtThreadEnd end;
  list.first = new (memory) Block{list.first};
  ++list.blocks;
}

void* take_again(void* memory, std::size_t before, std::size_t bytes) {
  if (before > largest && bytes > largest) {
    memory = std::realloc(memory, bytes);
    if (!memory) throw std::bad_alloc();
    return memory;
  }
  if (std::max(before, bytes) <= largest && multiple(before) == multiple(bytes)) return memory;
  void* other = take(bytes);
  std::memcpy(other, memory, std::min(before, bytes));
  give(memory, before);
  return other;
}

}  // namespace

void keep_memory_of_numbers() {
  static const bool once = sanitized || (mp_set_memory_functions(take, take_again, give), true);
  static_cast<void>(once);
}

std::size_t kept_blocks(std::size_t bytes) { return bytes > largest ? 0 : kept[multiple(bytes)].blocks; }

}  // namespace backprove
