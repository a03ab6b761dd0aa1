#include <random>

#include "core/product.hpp"
#include "core/scalars/traits.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

constexpr Index m = 17, inner = 23, n = 19;  // enough to be split into parts

template <class T, class F>
Matrix<T> made(Index rows, Index columns, F&& entry) {
  Matrix<T> all(rows, columns);
  for (Index i = 0; i < all.size(); ++i) all.data()[i] = entry();
  return all;
}

/// Small whole numbers: every order of summation gives the same.
struct Whole {
  std::mt19937_64 random{11};
  double operator()() { return static_cast<double>(random() % 7) - 3; }
};

template <class T, class F>
void equals_the_loop(F&& entry) {
  for (const Op op_a : {Op::plain, Op::transposed})
    for (const Op op_b : {Op::plain, Op::transposed})
      for (const bool accumulate : {false, true}) {
        const Matrix<T> a = op_a == Op::plain ? made<T>(m, inner, entry) : made<T>(inner, m, entry);
        const Matrix<T> b = op_b == Op::plain ? made<T>(inner, n, entry) : made<T>(n, inner, entry);
        Matrix<T> fast = made<T>(m, n, entry), slow = fast;
        Out<T> to = view(slow);
        product<T>(op_a, view(a), op_b, view(b), view(fast), accumulate);
        detail::loop_product<T>(op_a, view(a), op_b, view(b), to, inner, accumulate);
        for (Index i = 0; i < fast.size(); ++i) REQUIRE(written(fast.data()[i]) == written(slow.data()[i]));
      }
}

TEST_CASE("products: of complex and dual numbers by their parts, as by the loop") {
  Whole whole;
  equals_the_loop<Complex<double>>([&] { return Complex<double>(whole(), whole()); });
  equals_the_loop<Complex<float>>(
      [&] { return Complex<float>(static_cast<float>(whole()), static_cast<float>(whole())); });
  using D = Dual<double, 3>;
  const auto dual = [&] { return D(whole(), {whole(), 0, whole()}); };
  equals_the_loop<D>(dual);
  const Matrix<D> a = made<D>(m, inner, dual), b = made<D>(inner, n, dual);
  Matrix<D> fast(m, n), slow(m, n);
  Out<D> to = view(slow);
  product<D>(Op::plain, view(a), Op::plain, view(b), view(fast));
  detail::loop_product<D>(Op::plain, view(a), Op::plain, view(b), to, inner, false);
  for (Index i = 0; i < fast.size(); ++i) REQUIRE(fast.data()[i].tangent == slow.data()[i].tangent);
}

TEST_CASE("products: the bound of a product by parts is that of the loop but for its own rounding, and holds") {
  std::mt19937_64 random(13);
  const auto entry = [&] {
    const double v = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
    return RunningError(v, 1e-12 * static_cast<double>(random() % 5));
  };
  const Matrix<RunningError> a = made<RunningError>(m, inner, entry), b = made<RunningError>(inner, n, entry);
  Matrix<RunningError> fast(m, n), slow(m, n);
  Out<RunningError> to = view(slow);
  product<RunningError>(Op::plain, view(a), Op::plain, view(b), view(fast));
  detail::loop_product<RunningError>(Op::plain, view(a), Op::plain, view(b), to, inner, false);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      CHECK(fast(i, j).e == Approx(slow(i, j).e).epsilon(1e-12));
      Wide exact(0);
      for (Index k = 0; k < inner; ++k) exact += Wide(a(i, k).v) * Wide(b(k, j).v);
      CHECK(abs(Wide(exact - Wide(fast(i, j).v))) <= Wide(fast(i, j).e));
    }
}

TEST_CASE("products: of signs and doubles of all sizes, nothing is lost that extended precision keeps") {
  std::mt19937_64 random(19);
  const auto sign = [&] { return random() % 2 == 0 ? 1.0L : -1.0L; };
  for (const int range : {1, 60, 700}) {
    const auto number = [&] {
      const double x = static_cast<double>(random() >> 11) * 0x1p-53 - 0.5;
      return static_cast<long double>(std::ldexp(x, static_cast<int>(random() % static_cast<unsigned>(range))));
    };
    using D = Dual<long double, 1>;
    for (const bool signs_first : {true, false}) {
      const auto value = [&] { return D(number(), {0.0L}); };
      const auto tangent = [&] { return D(0.0L, {sign()}); };
      const Matrix<D> a = signs_first ? made<D>(m, inner, tangent) : made<D>(m, inner, value);
      const Matrix<D> b = signs_first ? made<D>(inner, n, value) : made<D>(inner, n, tangent);
      Matrix<D> got(m, n);
      product<D>(Op::plain, view(a), Op::plain, view(b), view(got));
      for (Index j = 0; j < n; ++j)
        for (Index i = 0; i < m; ++i) {
          Wide exact(0);
          long double largest = 0;
          for (Index k = 0; k < inner; ++k) {
            const D &p = a(i, k), &q = b(k, j);
            exact += Wide(p.value) * Wide(q.tangent[0]) + Wide(p.tangent[0]) * Wide(q.value);
            largest = std::max({largest, std::abs(p.value), std::abs(q.value)});
          }
          CHECK(abs(Wide(exact - Wide(got(i, j).tangent[0]))) <= Wide(largest * 0x1p-63L * static_cast<double>(inner)));
        }
    }
  }
}

TEST_CASE("products: zeros do not hide what is not finite") {
  Whole whole;
  Matrix<Complex<double>> a = made<Complex<double>>(m, inner, [&] { return Complex<double>(whole(), 0); });
  const Matrix<Complex<double>> b = made<Complex<double>>(inner, n, [] { return Complex<double>(0); });
  a(2, 3).im = std::numeric_limits<double>::quiet_NaN();
  Matrix<Complex<double>> c(m, n);
  product<Complex<double>>(Op::plain, view(std::as_const(a)), Op::plain, view(b), view(c));
  CHECK(std::isnan(c(2, 0).im));
  CHECK(c(1, 0).im == 0);
}

}  // namespace
}  // namespace backprove::test
