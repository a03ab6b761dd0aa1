#include "core/caches.hpp"

#include <algorithm>

#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

TEST_CASE("caches: sizes as the system writes them") {
  CHECK((ProcessorCache{1, "Data", "32K", 64}.bytes()) == 32768);
  CHECK((ProcessorCache{3, "Unified", "2M", 64}.bytes()) == 2 * 1024 * 1024);
  CHECK((ProcessorCache{3, "Unified", "100", 64}.bytes()) == 100);
  CHECK((ProcessorCache{3, "Unified", "", 64}.bytes()) == 0);
  CHECK_FALSE((ProcessorCache{1, "Instruction", "32K", 64}.holds_data()));
  CHECK((ProcessorCache{2, "Unified", "1024K", 64}.holds_data()));
}

TEST_CASE("caches: of a whole processor's cache only a part is counted on") {
  const double mib = 1024.0 * 1024;
  CHECK(countable_cache_bytes(0, 0) == 32 * mib);
  CHECK(countable_cache_bytes(1 * mib, 1 * mib) == 1 * mib);
  CHECK(countable_cache_bytes(32 * mib, 1 * mib) == 32 * mib);
  CHECK(countable_cache_bytes(96 * mib, 1 * mib) == 32 * mib);
  CHECK(countable_cache_bytes(300 * mib, 2 * mib) == 8 * mib);
  CHECK(countable_cache_bytes(300 * mib, 16 * mib) == 32 * mib);
  CHECK(countable_cache_bytes(300 * mib, 0) == 32 * mib);
}

TEST_CASE("caches: this machine's") {
  double largest = 0;
  for (const ProcessorCache& cache : caches())
    if (cache.holds_data()) {
      largest = std::max(largest, cache.bytes());
      CHECK(cache_bytes(cache.level) == cache.bytes());
    }
  CHECK(usable_cache_bytes() == countable_cache_bytes(largest, cache_bytes(2)));
  CHECK(cache_bytes(99) == 0);
}

}  // namespace
}  // namespace backprove::test
