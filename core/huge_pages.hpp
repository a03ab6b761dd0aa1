#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace backprove {

/// Asks the system to back the whole 2 MiB pages within [begin, begin + bytes) by large ones, whether or not they were
/// touched before; nothing happens where it cannot. A large array then needs few address translations, and where it
/// lies in the caches varies less from one allocation to the next: both are worth some per cent of a sweep's time.
inline void prefer_huge_pages(const void* begin, std::size_t bytes) {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  constexpr int collapse = 25;  // MADV_COLLAPSE, which older headers do not name; older systems refuse it
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / page * page;
  if (from >= to) return;
  auto* const pages = reinterpret_cast<void*>(from);  // NOLINT(performance-no-int-to-ptr): madvise takes whole pages
  if (madvise(pages, to - from, MADV_HUGEPAGE) == 0) madvise(pages, to - from, collapse);
}

/// The same for all numbers of a vector or matrix.
template <class Dense>
void prefer_huge_pages(const Dense& numbers) {
  prefer_huge_pages(numbers.data(), static_cast<std::size_t>(numbers.size()) * sizeof(*numbers.data()));
}

}  // namespace backprove
