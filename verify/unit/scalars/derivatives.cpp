#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Dual numbers, complex numbers and the tape against central differences of high precision.
namespace backprove {
namespace {

using test::Traits;
template <class T>
using D = Dual<T, 4>;

constexpr std::array<double, 4> directions{1, 0, -2, 0.5};

template <class T>
D<T> dual(double x) {
  D<T> seeded(x);
  for (std::size_t k = 0; k < 4; ++k) seeded.tangent[k] = T(directions[k]);
  return seeded;
}

/// f'(x) by a central difference, and how far off it may be: three times the truncation, which quarters with half the
/// step, and what the rounding of f may do.
struct Slope {
  Wide value;
  double error;
};
template <class F>
Slope slope(F f, double x) {
  const Wide at(x), h = abs(at) * Wide("1e-50"), wide_h = h * 2;
  const Wide value = test::difference_quotient(f, at, h);
  const Wide rounding = 8 * abs(f(at)) / h * Wide("1e-248");
  return {value, test::distance(test::difference_quotient(f, at, wide_h), value) + rounding.convert_to<double>()};
}

/// Calls use(traits, f, x, slope) for every function and argument of the grid.
template <class Use>
void for_each_slope(Use&& use) {
  test::for_each_function([&](const Traits& traits, auto f) {
    for (const double x : test::grid())
      if (test::in_domain(traits, x)) {
        const Slope exact = slope(f, x);
        if (!std::isfinite(exact.value.convert_to<double>())) continue;
        INFO(traits.name << " at " << x << ", difference quotient " << exact.value.str(20) << " within "
                         << exact.error);
        REQUIRE(exact.error <= 1e-60 * std::max(1.0, std::abs(exact.value.convert_to<double>())));
        use(traits, f, x, exact);
      }
  });
}

/// f'(x) by the tape.
template <class T, class F>
T taped_slope(F f, double x) {
  Tape<T>& tape = Tape<T>::active();
  tape.clear();
  const Taped<T> input = tape.input(T(x));
  const Taped<T> y = f(input);
  std::vector<T> adjoint(static_cast<std::size_t>(tape.size()), T(0));
  if (y.node < 0) return T(0);
  adjoint[static_cast<std::size_t>(y.node)] = T(1);
  tape.reverse(adjoint);
  return adjoint[static_cast<std::size_t>(input.node)];
}

/// |got - slope| <= the running error of the same operations, and both inexact sides.
void check_within(double got, const RunningError& bound, double scale, const Slope& exact) {
  const double error = test::distance(Wide(got), Wide(scale) * exact.value);
  const double allowed = bound.e + std::abs(scale) * exact.error + std::abs(got) * 0x1p-53;
  CAPTURE(got, error, allowed);
  REQUIRE(bound.v == got);
  REQUIRE(error <= allowed);
}

}  // namespace

TEST_CASE("dual rules are the derivatives of their functions", "[scalars]") {
  const test::Digits digits(250);
  for_each_slope([](const Traits&, auto f, double x, const Slope& exact) {
    const D<Wide> y = f(dual<Wide>(x));
    CHECK(y.value == f(Wide(x)));
    for (std::size_t k = 0; k < 4; ++k)
      REQUIRE(test::distance(y.tangent[k], Wide(directions[k]) * exact.value) <= 2 * exact.error);
    const D<double> narrow = f(dual<double>(x));
    const D<RunningError> bound = f(dual<RunningError>(x));
    for (std::size_t k = 0; k < 4; ++k) check_within(narrow.tangent[k], bound.tangent[k], directions[k], exact);
  });
  test::for_each_circular_function([](const Traits& traits, auto f) {
    for (const double x : {-40.0, -2.0, 0.25, 1.0, 3.0}) {
      CAPTURE(traits.name, x);
      const Slope exact = slope(f, x);
      CHECK(test::distance(f(dual<Wide>(x)).tangent[0], exact.value) <= exact.error);
    }
  });
}

TEST_CASE("the complex step is the derivative", "[scalars]") {
  const test::Digits digits(250);
  const double h = 0x1p-700;
  for_each_slope([&](const Traits& traits, auto f, double x, const Slope& exact) {
    const Wide step_size("1e-110");
    const Complex<Wide> y = f(Complex<Wide>(Wide(x), step_size));
    const Wide quotient = y.im / step_size;
    // The real and imaginary parts are off by h^2/2 f2 and h^2/6 f3, and here |f2/f|, |f3/f1| <= 4/x^2 + 4x^2 (fk the
    // k-th derivative), or the same with the other of f and f1.
    const double second = 1e-220 * (4 / (x * x) + 4 * x * x), size = std::abs(exact.value.convert_to<double>());
    CHECK(test::distance(quotient, exact.value) <= exact.error + second * (1 + size));
    if (traits.name != "step")
      CHECK(test::distance(y.re, f(Wide(x))) <= (second + 1e-245) * (1 + size + std::abs(y.re.convert_to<double>())));
    const Complex<double> narrow = f(Complex<double>(x, h));
    const Complex<RunningError> bound = f(Complex<RunningError>(RunningError(x), RunningError(h)));
    CAPTURE(narrow.im, bound.im.e);
    REQUIRE(test::distance(Wide(narrow.im), exact.value * h) <= bound.im.e + h * exact.error);
  });
}

TEST_CASE("the tape's partial derivatives are right", "[scalars]") {
  const test::Digits digits(250);
  for_each_slope([](const Traits&, auto f, double x, const Slope& exact) {
    CHECK(test::distance(taped_slope<Wide>(f, x), exact.value) <= 2 * exact.error);
    check_within(taped_slope<double>(f, x), taped_slope<RunningError>(f, x), 1, exact);
    const Interval enclosed = taped_slope<Interval>(f, x);
    CHECK(enclosed.contains(exact.value, exact.error));
  });
}

namespace {

/// An expression that uses every operator in every form, constants on both sides and one argument several times.
template <class T>
T expression(const T& x, const T& y) {
  T sum = x * y - x / y;
  sum += T(3) * x;
  sum -= y / T(7);
  sum *= x + T(2);
  sum /= y * y + T(1);
  return -sum + (T(1) - x) * (-y) + T(2) / (x * x + y) - (y - T(4)) * T(0.5);
}

}  // namespace

TEST_CASE("derivatives of the four operations, by every way", "[scalars]") {
  const test::Digits digits(250);
  std::mt19937_64 random(8);
  for (int k = 0; k < 50; ++k) {
    const double x = test::between(random, -3, 3), y = test::between(random, 0.5, 4);
    const Slope by_x = slope([&](const Wide& at) { return expression(at, Wide(y)); }, x);
    const Slope by_y = slope([&](const Wide& at) { return expression(Wide(x), at); }, y);
    CAPTURE(x, y, by_x.error, by_y.error);
    D<Wide> dual_x(x), dual_y(y);
    dual_x.tangent[0] = 1;
    dual_y.tangent[1] = 1;
    dual_x.tangent[2] = 3;
    dual_y.tangent[2] = -5;
    const D<Wide> z = expression(dual_x, dual_y);
    CHECK(test::distance(z.tangent[0], by_x.value) <= by_x.error);
    CHECK(test::distance(z.tangent[1], by_y.value) <= by_y.error);
    CHECK(test::distance(z.tangent[2], 3 * by_x.value - 5 * by_y.value) <= 3 * by_x.error + 5 * by_y.error);
    CHECK(z.tangent[3] == 0);

    Tape<Wide>& tape = Tape<Wide>::active();
    tape.clear();
    const Taped<Wide> taped_x = tape.input(Wide(x)), taped_y = tape.input(Wide(y));
    const Taped<Wide> result = expression(taped_x, taped_y);
    std::vector<Wide> adjoint(static_cast<std::size_t>(tape.size()), Wide(0));
    adjoint[static_cast<std::size_t>(result.node)] = 1;
    tape.reverse(adjoint);
    CHECK(test::distance(adjoint[static_cast<std::size_t>(taped_x.node)], by_x.value) <= by_x.error);
    CHECK(test::distance(adjoint[static_cast<std::size_t>(taped_y.node)], by_y.value) <= by_y.error);

    Tape<Interval>& intervals = Tape<Interval>::active();
    intervals.clear();
    const Taped<Interval> wide_x = intervals.input(Interval(x)), wide_y = intervals.input(Interval(y));
    const Taped<Interval> enclosed = expression(wide_x, wide_y);
    std::vector<Interval> bars(static_cast<std::size_t>(intervals.size()), Interval(0));
    bars[static_cast<std::size_t>(enclosed.node)] = Interval(1);
    intervals.reverse(bars);
    CHECK(bars[static_cast<std::size_t>(wide_x.node)].contains(by_x.value, by_x.error));
    CHECK(bars[static_cast<std::size_t>(wide_y.node)].contains(by_y.value, by_y.error));

    const Wide h("1e-50");
    const Wide step_x = expression(Complex<Wide>(Wide(x), h), Complex<Wide>(Wide(y), Wide(0))).im / h;
    const Wide step_y = expression(Complex<Wide>(Wide(x), Wide(0)), Complex<Wide>(Wide(y), h)).im / h;
    CHECK(test::distance(step_x, by_x.value) <= by_x.error + 1e-90 * (1 + std::abs(by_x.value.convert_to<double>())));
    CHECK(test::distance(step_y, by_y.value) <= by_y.error + 1e-90 * (1 + std::abs(by_y.value.convert_to<double>())));
  }
}

TEST_CASE("a derivative stops at constants, at detached values and at steps", "[scalars]") {
  Tape<double>& tape = Tape<double>::active();
  tape.clear();
  const Taped<double> x = tape.input(2), y = tape.input(5);
  const Index inputs = tape.size();
  CHECK(detach(x).node == -1);
  CHECK(step(x).node == -1);
  CHECK(larger(x, y).node == -1);
  CHECK(larger(x, y).value == 5);
  CHECK((Taped<double>(3) * Taped<double>(4) + exp(Taped<double>(1))).node == -1);
  CHECK(tape.size() == inputs);  // constants leave nothing on the tape
  CHECK(detach(dual<double>(2)).tangent[0] == 0);
  CHECK(larger(dual<double>(2), dual<double>(3)).tangent[0] == 0);
  CHECK(detach(Complex<double>(2, 1)).im == 0);
  // Slopes at the kink are PyTorch's, and max0 + min0 has slope 1 there too.
  CHECK(max0(dual<double>(0)).tangent[0] == 0);
  CHECK(min0(dual<double>(0)).tangent[0] == 1);
  CHECK(taped_slope<double>([](const auto& at) { return max0(at); }, 0) == 0);
  CHECK(taped_slope<double>([](const auto& at) { return min0(at); }, 0) == 1);
  CHECK(max0(Complex<double>(0, 1)).im == 0);
  CHECK(min0(Complex<double>(0, 1)).im == 1);
}

}  // namespace backprove
