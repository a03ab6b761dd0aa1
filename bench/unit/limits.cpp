#include "bench/limits.hpp"

#include <cmath>
#include <map>

#include "core/kernels/peak.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

TEST_CASE("limits: a shape is three numbers") {
  const ProductShape shape = shape_named("512x32x7");
  CHECK(shape.m == 512);
  CHECK(shape.k == 32);
  CHECK(shape.n == 7);
  CHECK_FALSE(shape.b_transposed);
  CHECK(shape_named("512x32x7t").b_transposed);
  for (const char* text :
       {"", "3", "3x4", "3x4x5x6", "3x0x5", "3x-1x5", "3xx5", "axbxc", "3x4x100000", "3x4x5x", "3x4x5tt", "t"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(shape_named(text), std::invalid_argument);
  }
}

TEST_CASE("limits: the triad computes what it says, whole vectors and what is left") {
  for (Index n = 0; n < 40; ++n) {
    CAPTURE(n);
    const Vector<double> b = Vector<double>::LinSpaced(n, 1, 2), c = Vector<double>::LinSpaced(n, -3, 5);
    Vector<double> a = Vector<double>::Constant(n + 16, 7);
    triad(a.data(), b.data(), c.data(), 0.5, n);
    CHECK((a.head(n) - b - 0.5 * c).cwiseAbs().sum() <= 1e-15 * static_cast<double>(n + 1));
    CHECK((a.tail(16).array() == 7).all());
  }
}

TEST_CASE("limits: reading and writing reach every number, whole vectors and what is left, and no other") {
  for (Index n = 0; n < 80; ++n)
    for (const bool past : {false, true}) {
      CAPTURE(n, past);
      Vector<double> a = Vector<double>::LinSpaced(n + 16, 1.0, static_cast<double>(n + 16));
      CHECK(read_numbers(a.data(), n) == static_cast<double>(n * (n + 1) / 2));
      write_numbers(a.data(), 0.5, n, past);
      CHECK((a.head(n).array() == 0.5).all());
      CHECK((a.tail(16).array() > n).all());
    }
}

/// The sums of x -> 0.999 x + 0.001 from 0, 1, ..., 11, in every lane.
TEST_CASE("limits: the loops of every instruction set compute what they say") {
  constexpr Index rounds = 1000;
  for (const PeakKernel& kernel : peak_kernels()) {
    if (!kernel.runs_here()) continue;
    CAPTURE(kernel.name);
    const double kept = std::pow(0.999, rounds);
    const double sum = kept * 66 + 12 * (1 - kept);
    const double lanes = static_cast<double>(kernel.flops_double) / 24;
    CHECK(kernel.in_double(rounds) == Approx(lanes * sum).epsilon(1e-10));
    CHECK(static_cast<double>(kernel.in_float(rounds)) == Approx(2 * lanes * sum).epsilon(1e-3));
  }
}

TEST_CASE("limits: a row for every peak, level of memory and product") {
  LimitsPlan plan;
  plan.threads = {1, 2};
  plan.shapes = {{8, 9, 10}, {40, 30, 20}};
  plan.libraries = {&product_library_named("plain"), &product_library_named("fused")};
  plan.sampling = {2, 10};
  const std::vector<Row> rows = measure_limits(plan, [](const std::string&) {});
  std::map<std::string, Index> count;
  for (const Row& row : rows) {
    CHECK(row.value > 0);
    CHECK(std::isfinite(row.value));
    ++count[row.quantity];
  }
  CHECK(count["peak_flops"] % 4 == 0);
  CHECK(count["peak_flops"] >= 4);
  CHECK(count["bandwidth"] >= 2);
  CHECK(count["product_flops"] == 16);
  CHECK(limits_table(rows).find("product 40x30x20") != std::string::npos);
}

TEST_CASE("limits: bad usage is one line and status 2") {
  for (const auto& [arguments, expected] :
       {std::pair{"limits --shape 3x4", "--shape: expected three whole numbers from 1 to 99999 as in 512x32x512"},
        std::pair{"limits --scalar half", "--scalar: expected float or double, got 'half'"},
        std::pair{"limits --threads 0", "--threads: expected a whole number from 1 to 1024, got '0'"},
        std::pair{"limits --quick --out /proc/x", "cannot write '/proc/x"}}) {
    CAPTURE(arguments);
    const Scratch scratch;
    const Finished run = backprove(arguments, scratch / ".");
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find(expected) != std::string::npos);
  }
}

}  // namespace
}  // namespace backprove::test
