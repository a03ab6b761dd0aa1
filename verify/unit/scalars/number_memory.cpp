#include "core/scalars/number_memory.hpp"

#include <gmp.h>

#include <cmath>
#include <string_view>
#include <thread>
#include <vector>

#include "core/scalars/interval.hpp"
#include "verify/unit/catch.hpp"

namespace backprove {
namespace {

/// The bytes of a block that holds the digits of a Wide: the only size of which one number leaves a block behind.
std::size_t bytes_of_digits() {
  std::size_t bytes = 16;
  { const Wide number(1); }
  while (kept_blocks(bytes) == 0 && bytes < 256) bytes += 16;
  return bytes;
}

/// Runs `f` in a thread of its own, which keeps nothing yet.
template <class F>
void in_new_thread(F&& f) {
  std::thread thread(f);
  thread.join();
}

TEST_CASE("memory of numbers: what a thread frees it takes again", "[scalars][memory]") {
  in_new_thread([] {
    const std::size_t bytes = bytes_of_digits();
    const std::size_t before = kept_blocks(bytes);
    { const std::vector<Wide> some(100, Wide(1)); }
    const std::size_t kept = kept_blocks(bytes);
    CHECK(kept >= before + 99);
    const std::vector<Wide> again(60, Wide(2));
    CHECK(kept_blocks(bytes) == kept - 60);
    CHECK(kept_blocks(257) == 0);
  });
}

TEST_CASE("memory of numbers: a thread that only frees what others made does not hoard", "[scalars][memory]") {
  in_new_thread([] {
    const std::size_t bytes = bytes_of_digits();
    for (int round = 0; round < 3; ++round) {
      std::vector<Wide> made;
      in_new_thread([&] {
        for (int i = 0; i < 3000; ++i) made.emplace_back(i);
      });
      for (int i = 0; i < 3000; ++i) CHECK(made[static_cast<std::size_t>(i)] == i);
      made.clear();
      CHECK(kept_blocks(bytes) <= most_kept_blocks);
    }
    CHECK(kept_blocks(bytes) == most_kept_blocks);
  });
}

TEST_CASE("memory of numbers: blocks of every size keep what is in them while they grow and shrink",
          "[scalars][memory]") {
  // 3^n and back, with a small number beside it at every step: a block that two numbers share would show.
  mpz_t power;
  mpz_init_set_ui(power, 1);
  std::vector<Wide> beside;
  for (int n = 0; n < 2000; ++n) {
    mpz_mul_ui(power, power, 3);
    beside.emplace_back(n);
  }
  char* text = mpz_get_str(nullptr, 10, power);
  CHECK(std::string_view(text).size() == 955);
  void (*free_text)(void*, std::size_t) = nullptr;
  mp_get_memory_functions(nullptr, nullptr, &free_text);
  free_text(text, 956);
  for (int n = 0; n < 2000; ++n) {
    mpz_divexact_ui(power, power, 3);
    mpz_realloc2(power, mpz_sizeinbase(power, 2));
    CHECK(beside[static_cast<std::size_t>(n)] == n);
  }
  CHECK(mpz_cmp_ui(power, 1) == 0);
  mpz_clear(power);
  for (unsigned bits = 2; bits < 1000; bits += 31) {
    const PrecisionScope scope(bits);
    const Interval third = Interval(1) / Interval(3), other = Interval(2) / Interval(3);
    CHECK(mpfi_is_inside_d(1.0, (third + other).get()) > 0);
    CHECK(third.width_double() <= std::ldexp(1.0, -static_cast<int>(bits)));
  }
}

}  // namespace
}  // namespace backprove
