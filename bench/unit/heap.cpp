#include "bench/probes/heap.hpp"

#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include "core/types.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

/// Keeps an allocation from being left out.
template <class T>
void use(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

constexpr double small = 4096;  // what rounding up and a thread may add

TEST_CASE("heap: the largest sum at one time, not all that was ever allocated") {
  const double nothing = heap_peak_bytes([] {});
  if (std::isnan(nothing)) {
    WARN("this build does not see the heap");
    return;
  }
  CHECK(nothing == 0);
  const double one_after_the_other = heap_peak_bytes([] {
    for (int k = 0; k < 5; ++k) use(std::vector<char>(1000000)[7]);
  });
  CHECK(one_after_the_other >= 1000000);
  CHECK(one_after_the_other < 1000000 + small);
  const double together = heap_peak_bytes([] {
    const std::vector<char> a(1000000);
    const Vector<double> b(250000);
    const std::unique_ptr<char, decltype(&std::free)> c(static_cast<char*>(std::aligned_alloc(64, 1 << 20)),
                                                        &std::free);
    use(a[3]), use(b(5)), use(*c);
  });
  CHECK(together >= 3000000 + (1 << 20));
  CHECK(together < 3000000 + (1 << 20) + 2 * small);
  const double grown = heap_peak_bytes([] {
    void* memory = std::malloc(1000);
    for (int k = 1; k <= 10; ++k) use(memory = std::realloc(memory, static_cast<std::size_t>(k) * 100000));
    std::free(memory);
  });
  CHECK(grown >= 1000000);
  CHECK(grown < 1000000 + small);
}

TEST_CASE("heap: other threads count, and what is given back after an error does not stay") {
  const double threaded = heap_peak_bytes([] {
    std::thread other([] { use(std::vector<char>(2000000)[1]); });
    other.join();
  });
  if (std::isnan(threaded)) return;
  CHECK(threaded >= 2000000);
  CHECK_THROWS_AS(heap_peak_bytes([] { throw std::runtime_error("no"); }), std::runtime_error);
  CHECK(heap_peak_bytes([] {}) == 0);
}

}  // namespace
}  // namespace backprove::test
