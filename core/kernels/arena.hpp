#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "core/huge_pages.hpp"
#include "core/types.hpp"

namespace backprove {

/// Memory that starts on a cache line, in pieces that do too; zeros at first.
template <class T>
class Arena {
 public:
  T* take(Index numbers) {
    constexpr Index line = 64 / static_cast<Index>(sizeof(T));
    const Index begin = used;
    used += (numbers + line - 1) / line * line;
    return memory ? memory.get() + begin : nullptr;
  }
  /// Call what takes twice: before, to learn the size, and after.
  void allocate() {
    const std::size_t bytes = static_cast<std::size_t>(std::max<Index>(used, 64)) * sizeof(T);
    memory.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
    if (!memory) throw std::bad_alloc();
    prefer_huge_pages(memory.get(), bytes);
    std::fill_n(memory.get(), used, T(0));
    used = 0;
  }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }  // NOLINT(cppcoreguidelines-no-malloc): aligned_alloc's partner
  };
  std::unique_ptr<T, Free> memory;
  Index used = 0;
};

}  // namespace backprove
