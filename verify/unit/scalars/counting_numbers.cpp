#include "core/product.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

namespace backprove {
namespace {

using Counted = Counting<double>;

Counts::Entry entry(std::int64_t multiplications, std::int64_t additions, std::int64_t divisions,
                    std::int64_t functions) {
  return {multiplications, additions, divisions, functions};
}

}  // namespace

TEST_CASE("counting numbers count every operation once and change no value", "[scalars]") {
  reset_counts();
  const Counted a(1.25), b(-0.75);
  Counted c = a * b + a / b - b;
  c += a;
  c -= b;
  c *= a;
  c /= b;
  CHECK(counts()[Term::other] == entry(2, 4, 2, 0));
  double expected = 1.25 * -0.75 + 1.25 / -0.75 + 0.75;
  expected = (expected + 1.25 + 0.75) * 1.25 / -0.75;
  CHECK(c.value == expected);
  reset_counts();
  const Counted free[] = {-a, max0(a), min0(a), step(a), larger(a, b), detach(a), Counted(3)};
  CHECK(free[0].value == -1.25);
  CHECK(counts()[Term::other] == entry(0, 0, 0, 0));
  int functions = 0;
  volatile double unknown = 0.7;  // to the compiler, whose own tanh(0.7) is not the library's to the last bit
  const auto call = [&, x = double{unknown}](const test::Traits& traits, auto f) {
    if (traits.kink) return;
    CHECK(f(Counted(x)).value == f(x));
    CHECK(counts()[Term::other] == entry(0, 0, 0, ++functions));
  };
  test::for_each_function(call);
  test::for_each_circular_function(call);
  CHECK(functions == 13);
  CHECK(counts().functions() == 13);
}

TEST_CASE("operations are counted for the innermost term", "[scalars]") {
  reset_counts();
  Counted x(2);
  {
    const Tally<Counted> outer(Term::product);
    x = x * x;
    {
      const Tally<Counted> inner(Term::bias);
      x = x + x;
      const Tally<double> nothing(Term::loss);  // does not count, so it changes nothing
      x = x + x;
    }
    x = x * x;
  }
  x = x / x;
  CHECK(counts()[Term::product] == entry(2, 0, 0, 0));
  CHECK(counts()[Term::bias] == entry(0, 2, 0, 0));
  CHECK(counts()[Term::loss] == entry(0, 0, 0, 0));
  CHECK(counts()[Term::other] == entry(0, 0, 1, 0));
  CHECK(counts().multiplications() == 2);
  CHECK(counts().additions() == 2);
  CHECK(counts().divisions() == 1);
}

TEST_CASE("matrix products of counting numbers count what the mathematics says", "[scalars]") {
  const Index m = 3, k = 5, n = 2;
  const Matrix<Counted> a = Matrix<Counted>::Constant(m, k, Counted(2)),
                        b = Matrix<Counted>::Constant(k, n, Counted(3));
  Matrix<Counted> c = Matrix<Counted>::Constant(m, n, Counted(1));
  reset_counts();
  product<Counted>(Op::plain, view(a), Op::plain, view(b), view(c));
  CHECK(counts()[Term::other] == entry(m * k * n, m * n * (k - 1), 0, 0));
  CHECK(c(2, 1).value == 30);
  reset_counts();
  product<Counted>(Op::plain, view(a), Op::plain, view(b), view(c), true);
  CHECK(counts()[Term::other] == entry(m * k * n, m * n * k, 0, 0));
  CHECK(c(2, 1).value == 60);
}

TEST_CASE("dual and complex numbers over counting numbers count their parts", "[scalars]") {
  reset_counts();
  const Dual<Counted, 4> x(Counted(2), {Counted(1), Counted(1), Counted(1), Counted(1)});
  const Dual<Counted, 4> y = x * x;
  CHECK(counts()[Term::other] == entry(1 + 2 * 4, 4, 0, 0));
  CHECK(y.tangent[3].value == 4);
  reset_counts();
  const Complex<Counted> z(Counted(2), Counted(1)), w = z * z;
  CHECK(counts()[Term::other] == entry(4, 2, 0, 0));
  CHECK(w.im.value == 4);
  {
    const Tally<Dual<Counted, 4>> tally(Term::slope);
    static_cast<void>(exp(x));
  }
  CHECK(counts()[Term::slope] == entry(4, 0, 0, 1));
}

}  // namespace backprove
