#include "core/kernels/double_double.hpp"

#include <cmath>
#include <random>

#include "core/scalars/interval.hpp"
#include "verify/unit/catch.hpp"

// Products in double-double, in every instruction set, against exact sums.

namespace backprove {

namespace {

struct Made {
  Matrix<double> a, b, hi, lo, size;

  Made(Index m, Index inner, Index n) : a(m, inner), b(inner, n), hi(m, n), lo(m, n), size(m, n) {}
  void run(const DoubleDoubleKernel& kernel) {
    kernel.multiply(
        {a.rows(), b.cols(), a.cols(), a.data(), a.rows(), b.data(), 1, b.rows(), hi.data(), lo.data(), size.data()});
  }
  /// |hi + lo - exact| of an entry, rounded up; the sum in MPFI with all its bits.
  double off(Index i, Index j) const {
    const PrecisionScope scope(8192);
    Interval sum = Interval(hi(i, j)) + Interval(lo(i, j));
    for (Index k = 0; k < a.cols(); ++k) sum -= Interval(a(i, k)) * Interval(b(k, j));
    return sum.magnitude_double();
  }
  double sum_of_magnitudes(Index i, Index j) const { return a.row(i).cwiseAbs().dot(b.col(j).cwiseAbs()); }
};

/// Entries +-mantissa 2^e with e in [low, high].
void fill(Matrix<double>& m, std::mt19937_64& random, int low, int high) {
  std::uniform_real_distribution<double> mantissa(-1, 1);
  for (Index i = 0; i < m.size(); ++i)
    m.data()[i] =
        std::ldexp(mantissa(random), low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)));
}

template <class F>
void on_every_kernel(F&& f) {
  int run = 0;
  for (const DoubleDoubleKernel& kernel : double_double_kernels()) {
    if (!kernel.runs_here()) continue;
    CAPTURE(kernel.name);
    f(kernel);
    ++run;
  }
  CHECK(run >= 1);
}

}  // namespace

TEST_CASE("double-double: within 1e-31 of the exact product, relative to |A| |B|", "[native][double_double]") {
  on_every_kernel([](const DoubleDoubleKernel& kernel) {
    std::mt19937_64 random(21);
    double worst = 0;
    for (const auto& [m, inner, n] : {std::tuple<Index, Index, Index>{1, 1, 1},
                                      {2, 3, 1},
                                      {7, 9, 5},
                                      {8, 16, 4},
                                      {17, 33, 6},
                                      {24, 130, 3},
                                      {33, 64, 9}})
      for (const int spread : {0, 30}) {
        Made made(m, inner, n);
        fill(made.a, random, -spread, spread);
        fill(made.b, random, -spread, spread);
        made.run(kernel);
        for (Index j = 0; j < n; ++j)
          for (Index i = 0; i < m; ++i) {
            const double off = made.off(i, j), size = made.sum_of_magnitudes(i, j);
            REQUIRE(off <= double_double_error(inner, made.size(i, j), false));
            REQUIRE(std::abs(made.size(i, j) - size) <= static_cast<double>(2 * inner) * 0x1p-52 * size);
            worst = std::max(worst, off / size);
          }
      }
    INFO(worst);
    CHECK(worst <= 1e-31);
    CHECK(worst > 0);  // a sum with digits to spare would not test its rounding
  });
}

TEST_CASE("double-double: sums that cancel keep all digits, and the bound holds where all signs agree",
          "[native][double_double]") {
  on_every_kernel([](const DoubleDoubleKernel& kernel) {
    std::mt19937_64 random(22);
    Made cancelling(9, 200, 5);
    fill(cancelling.a, random, 0, 20);
    fill(cancelling.b, random, 0, 20);
    for (Index k = 0; k < 200; k += 2) {
      cancelling.a.col(k + 1) = cancelling.a.col(k);
      cancelling.b.row(k + 1) = -cancelling.b.row(k) * (1 + 0x1p-52);
    }
    Made alike(9, 1000, 5);
    fill(alike.a, random, 0, 3);
    fill(alike.b, random, 0, 3);
    alike.a = alike.a.cwiseAbs().eval();
    alike.b = alike.b.cwiseAbs().eval();
    for (Made* made : {&cancelling, &alike}) {
      made->run(kernel);
      double closest = 0;
      for (Index j = 0; j < 5; ++j)
        for (Index i = 0; i < 9; ++i) {
          const double bound = double_double_error(made->a.cols(), made->size(i, j), false), off = made->off(i, j);
          REQUIRE(off <= bound);
          closest = std::max(closest, off / bound);
        }
      INFO(closest);
      CHECK(closest > 1e-6);  // else the bound would say nothing
    }
  });
}

TEST_CASE("double-double: strides, zeros and numbers beside the result", "[native][double_double]") {
  on_every_kernel([](const DoubleDoubleKernel& kernel) {
    std::mt19937_64 random(23);
    // A's rows and B^T inside larger arrays, guards behind the results.
    constexpr Index m = 11, n = 6, inner = 7;
    Matrix<double> a(m + 3, inner), b(n + 2, inner);
    fill(a, random, 0, 4);
    fill(b, random, 0, 4);
    std::vector<double> hi(m * n + 8, 7), lo(m * n + 8, 7), size(m * n + 8, 7);
    kernel.multiply({m, n, inner, a.data(), m + 3, b.data(), n + 2, 1, hi.data(), lo.data(), size.data()});
    Made plain(m, inner, n);
    plain.a = a.topRows(m);
    plain.b = b.topRows(n).transpose();
    plain.run(kernel);
    for (std::size_t i = 0; i < hi.size(); ++i) {
      const bool inside = i < static_cast<std::size_t>(m * n);
      CHECK(hi[i] == (inside ? plain.hi.data()[i] : 7));
      CHECK(lo[i] == (inside ? plain.lo.data()[i] : 7));
      CHECK(size[i] == (inside ? plain.size.data()[i] : 7));
    }
    plain.b.setZero();
    plain.run(kernel);
    CHECK(plain.hi.isZero(0));
    CHECK(plain.lo.isZero(0));
    CHECK(double_double_error(inner, plain.size(0, 0), false) == 0);
    Made nothing(3, 0, 2);
    nothing.run(kernel);
    CHECK(nothing.hi.isZero(0));
  });
}

TEST_CASE("double-double: underflow is in the bound, and needed there", "[native][double_double]") {
  on_every_kernel([](const DoubleDoubleKernel& kernel) {
    std::mt19937_64 random(24);
    Made made(16, 12, 4);
    fill(made.a, random, -530, -500);
    fill(made.b, random, -530, -500);
    const DoubleDoubleRange range =
        DoubleDoubleRange::of(made.a.data(), made.a.size(), made.b.data(), made.b.size(), 12);
    CHECK(range.underflows);
    CHECK(!range.overflows);
    made.run(kernel);
    int beyond = 0;
    for (Index j = 0; j < 4; ++j)
      for (Index i = 0; i < 16; ++i) {
        REQUIRE(made.off(i, j) <= double_double_error(12, made.size(i, j), true));
        beyond += made.off(i, j) <= double_double_error(12, made.size(i, j), false) ? 0 : 1;
      }
    CHECK(beyond > 0);
  });
}

TEST_CASE("double-double: what is out of range is said", "[native][double_double]") {
  const auto range = [](double a, double b) { return DoubleDoubleRange::of(&a, 1, &b, 1, 1); };
  CHECK((!range(1, 1).overflows && !range(1, 1).underflows));
  CHECK((!range(0, 1e-300).overflows && !range(0, 1e-300).underflows));
  CHECK(range(1e-200, 1e-200).underflows);
  CHECK(range(1e200, 1e200).overflows);
  CHECK(range(1e300, 1).overflows);
  CHECK(range(std::numeric_limits<double>::infinity(), 0).overflows);
  CHECK(range(1, std::nan("")).overflows);
}

namespace {

/// The same sums number by number: as they are written, with the contractions that a compiler may make where it is
/// allowed to (each a single rounding in place of two), or without the small parts.
enum class Kind { written, sum_contracted, rest_contracted, plain };
template <Kind kind>
void number_by_number(const DoubleDoubleProduct& p) {
  for (Index j = 0; j < p.n; ++j)
    for (Index i = 0; i < p.m; ++i) {
      double hi = 0, lo = 0, size = 0;
      for (Index k = 0; k < p.inner; ++k) {
        const double a = p.a[k * p.a_k + i], b = p.b[k * p.b_k + j * p.b_j], product = a * b;
        const double error = std::fma(a, b, -product);
        const double sum = kind == Kind::sum_contracted ? std::fma(a, b, hi) : hi + product, other = sum - hi;
        const double rest =
            (hi - (sum - other)) + (kind == Kind::rest_contracted ? std::fma(a, b, -other) : product - other);
        const double small = kind == Kind::plain ? 0 : lo + (rest + error);
        hi = sum + small;
        lo = small - (hi - sum);
        size += std::abs(product);
      }
      const Index at = j * p.m + i;
      p.hi[at] = hi;
      p.lo[at] = lo;
      p.size[at] = size;
    }
}
template <Kind kind>
constexpr DoubleDoubleKernel made_by{"for this test", [] { return true; }, number_by_number<kind>};

}  // namespace

TEST_CASE("double-double: the check refuses what contraction makes of the sums, and a plain product",
          "[native][double_double]") {
  on_every_kernel([](const DoubleDoubleKernel& kernel) { CHECK(kernel.wrong().empty()); });
  CHECK(double_double_kernel() != nullptr);
  CHECK(made_by<Kind::written>.wrong().empty());
  for (const DoubleDoubleKernel& wrong :
       {made_by<Kind::sum_contracted>, made_by<Kind::rest_contracted>, made_by<Kind::plain>}) {
    INFO(wrong.wrong());
    CHECK(wrong.wrong().find("times its bound") != std::string::npos);
  }
}

TEST_CASE("double-double: every instruction set gives what is written, bit by bit", "[native][double_double]") {
  std::mt19937_64 random(25);
  Made expected(19, 40, 6);
  fill(expected.a, random, -10, 10);
  fill(expected.b, random, -10, 10);
  expected.run(made_by<Kind::written>);
  on_every_kernel([&](const DoubleDoubleKernel& kernel) {
    Made got(19, 40, 6);
    got.a = expected.a;
    got.b = expected.b;
    got.run(kernel);
    CHECK(got.hi == expected.hi);
    CHECK(got.lo == expected.lo);
    CHECK(got.size == expected.size);
  });
}

}  // namespace backprove
