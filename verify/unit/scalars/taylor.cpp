#include "core/scalars/taylor.hpp"

#include <cmath>

#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Taylor polynomials against three nested dual numbers, which know nothing of them.
namespace backprove {
namespace {

template <class T>
using First = Dual<T, 1>;
template <class T>
using Third = First<First<First<T>>>;

/// x + e1 + e2 + e3: the coefficient of e1 e2 e3 in f of it is f'''.
template <class T>
Third<T> seeded(double x) {
  const First<T> one(T(1), {T(0)}), none(T(0), {T(0)});
  const First<First<T>> value(First<T>(T(x), {T(1)}), {one});
  return Third<T>(value, {First<First<T>>(one, {none})});
}

/// c_0 to c_3 are f, f', f''/2 and f'''/6.
void check_same(const Taylor<Wide, 3>& y, const Third<Wide>& nested) {
  const Wide derivatives[4] = {nested.value.value.value, nested.value.value.tangent[0],
                               nested.value.tangent[0].tangent[0], nested.tangent[0].tangent[0].tangent[0]};
  const int factorial[4] = {1, 1, 2, 6};
  for (std::size_t k = 0; k < 4; ++k) {
    const Wide expected = derivatives[k] / factorial[k], got = k < y.c.size() ? y.c[k] : Wide(0);
    const double size = std::max(1.0, std::abs(expected.convert_to<double>()));
    CAPTURE(k, size);
    if (std::isfinite(size)) CHECK(test::distance(got, expected) <= 1e-150 * size);
  }
}

/// x + d + d^2/2 - d^3 with d = z - x: the argument's higher coefficients matter too.
template <class S>
S curved(const S& z, double x) {
  const S d = z - S(x);
  return S(x) + d + d * d * S(0.5) - d * d * d;
}

}  // namespace

TEST_CASE("Taylor polynomials of functions have the derivatives of nested dual numbers", "[scalars]") {
  const test::Digits digits(250);
  test::for_each_function([](const test::Traits& traits, auto f) {
    for (const double x : test::grid()) {
      if (!test::in_domain(traits, x) || std::abs(x) > 30 || std::abs(x) < 1e-3) continue;
      CAPTURE(traits.name, x);
      check_same(f(curved(Taylor<Wide, 3>::variable(Wide(x)), x)), f(curved(seeded<Wide>(x), x)));
      check_same(f(Taylor<Wide, 3>::variable(Wide(x))), f(seeded<Wide>(x)));
      const Taylor<Wide, 3> constant = f(Taylor<Wide, 3>(Wide(x)));
      CHECK(constant.is_constant());
      CHECK(constant.c[0] == f(Wide(x)));
    }
  });
}

TEST_CASE("Taylor polynomials under the four operations have the derivatives of nested dual numbers", "[scalars]") {
  const test::Digits digits(250);
  const auto expression = [](const auto& x) {
    using S = std::remove_cvref_t<decltype(x)>;
    S sum = x * x - S(3) / x;
    sum += S(2) * x;
    sum -= x / S(7);
    sum *= x + S(0.5);
    sum /= x * x + S(1);
    return -sum + (S(1) - x) * (-x) + (x - S(4)) * S(0.5) / (S(2) + x * x) + S(5);
  };
  for (const double x : {-3.0, -0.75, 0.125, 1.5, 20.0}) {
    CAPTURE(x);
    check_same(expression(Taylor<Wide, 3>::variable(Wide(x))), expression(seeded<Wide>(x)));
    CHECK(expression(Taylor<Wide, 3>(Wide(x))).is_constant());
  }
}

TEST_CASE("Taylor polynomials stop at detached values, and are anything behind a kink inside an interval",
          "[scalars]") {
  using P = Taylor<Interval, 3>;
  Interval around_zero(0);
  mpfi_interv_d(around_zero.get(), -1, 2);
  for (const P& y : {max0(P::variable(around_zero)), min0(P::variable(around_zero))}) {
    CHECK(y.c[1].magnitude_double() == 1);
    CHECK(std::isinf(y.c[2].magnitude_double()));
    CHECK(std::isinf(y.c[3].magnitude_double()));
  }
  CHECK(std::isinf(step(P::variable(around_zero)).c[1].magnitude_double()));
  const P beside = max0(P::variable(Interval(2)));
  CHECK(beside.c[1].magnitude_double() == 1);
  CHECK(beside.c[2].magnitude_double() == 0);
  CHECK(detach(P::variable(Interval(2))).is_constant());
  CHECK(larger(P::variable(Interval(2)), P::variable(Interval(3))).is_constant());
  CHECK(to_double(P::variable(Interval(2))) == 2);
  CHECK((P(1) + P::variable(Interval(2)) - P::variable(Interval(2))).c[1].magnitude_double() == 0);
}

}  // namespace backprove
