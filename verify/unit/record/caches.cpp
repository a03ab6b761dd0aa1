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

TEST_CASE("caches: the largest that the system describes holds all others, as far as it can be counted on") {
  const double most = 32 << 20;
  CHECK(usable_cache_bytes() >= 32768);
  CHECK(usable_cache_bytes() <= most);
  for (const ProcessorCache& cache : caches())
    if (cache.holds_data()) {
      CHECK(std::min(cache.bytes(), most) <= usable_cache_bytes());
      CHECK(cache_bytes(cache.level) == cache.bytes());
    }
  CHECK(cache_bytes(99) == 0);
}

}  // namespace
}  // namespace backprove::test
