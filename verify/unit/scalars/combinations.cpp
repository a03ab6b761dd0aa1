#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Every scalar, and dual and complex numbers over every scalar: they compile, work in Eigen's matrices, and agree.
namespace backprove {
namespace {

/// One use of everything that a rational number has too.
template <class T>
T piecewise(const T& x, const T& y) {
  using namespace math;
  T a = x * y + T(2) - x / y;
  a += max0(x);
  a -= min0(T(-y));
  a *= T(0.5);
  a /= T(3);
  return -a + step(x) * larger(detach(x), detach(y)) - detach(y);
}
template <class T>
T smooth(const T& x) {
  using namespace math;
  const T a = exp(T(-x)) + expm1(x) + log(x) + log1p(x) + sqrt(x);
  return a + tanh(x) + erf(x) + erfc(x) + sigmoid(x) + softplus(x) + Constants<T>::pi() * Constants<T>::sqrt2();
}

template <class T>
void check_in_eigen() {
  static_assert(!Eigen::NumTraits<T>::IsComplex &&
                Eigen::NumTraits<T>::RequireInitialization == !std::floating_point<T>);
  using namespace math;
  Matrix<T> m(3, 2);
  m.setZero();
  for (Index i = 0; i < m.size(); ++i) CHECK(to_double(m.data()[i]) == 0);
  for (Index j = 0; j < 2; ++j)
    for (Index i = 0; i < 3; ++i) m(i, j) = T(static_cast<int>(i + 3 * j));
  const Matrix<T> t = m.transpose();
  CHECK(to_double(t(1, 2)) == 5);
  Matrix<T> p = t.lazyProduct(m);
  CHECK(to_double(p(1, 1)) == 50);
  p.block(0, 0, 1, 2) += m.block(1, 0, 1, 2);
  CHECK(to_double(p(0, 1)) == 14 + 4);
  const Matrix<T> copy = p;
  p.setConstant(T(1));
  CHECK(to_double(copy(1, 1)) == 50);
}

template <class T>
double as_double(const T& x) {
  using namespace math;
  return to_double(x);
}
/// Value and slope of a function of a dual or complex number, as doubles.
struct ValueAndSlope {
  double value, slope;
};
template <class T, class F>
ValueAndSlope by_dual(F&& f, double x) {
  Dual<T, 4> argument{T(x)};
  argument.tangent[3] = T(1);
  const Dual<T, 4> y = f(argument);
  return {to_double(y), as_double(y.tangent[3])};
}
template <class T, class F>
ValueAndSlope by_complex_step(F&& f, double x) {
  const double h = 0x1p-40;  // squared below every rounding of double
  const Complex<T> y = f(Complex<T>(T(x), T(h)));
  return {to_double(y), as_double(T(y.im / T(h)))};
}

/// piecewise(x, 3) and its slope at 2, and smooth's where there is one.
template <class T>
void check_over(double u) {
  check_in_eigen<T>();
  check_in_eigen<Dual<T, 4>>();
  check_in_eigen<Complex<T>>();
  const auto near = [u](double got, double exact) { return std::abs(got - exact) <= 200 * u * (1 + std::abs(exact)); };
  // -(3x + 2 - x/3 + x)/6 + 3 - 3 for y = 3 (where min0(-3) = -3 is subtracted): slope -(3 - 1/3 + 1)/6
  const auto f = [](const auto& x) { return piecewise(x, std::decay_t<decltype(x)>(3)); };
  const double value = -(3 * 2.0 + 2 - 2.0 / 3 + 2 + 3) / 6, slope = -(3 - 1.0 / 3 + 1) / 6;
  for (const ValueAndSlope& got : {by_dual<T>(f, 2), by_complex_step<T>(f, 2)}) {
    CHECK(near(got.value, value));
    CHECK(near(got.slope, slope));
  }
  if constexpr (!std::same_as<T, Rational>) {
    const auto g = [](const auto& x) { return smooth(x); };
    const double at = 0.75, exact = smooth(at);
    const double derivative_there = by_dual<double>(g, at).slope;
    for (const ValueAndSlope& got : {by_dual<T>(g, at), by_complex_step<T>(g, at)}) {
      CHECK(near(got.value, exact));
      CHECK(near(got.slope, derivative_there));
    }
  } else {
    CHECK_THROWS_AS(smooth(Dual<T, 4>(1)), std::logic_error);
    CHECK_THROWS_AS(smooth(Complex<T>(1)), std::logic_error);
  }
}

}  // namespace

TEST_CASE("dual and complex numbers over float and double", "[scalars]") {
  check_over<float>(0x1p-24);
  check_over<double>(0x1p-53);
}
TEST_CASE("dual and complex numbers over long double and counting numbers", "[scalars]") {
  check_over<long double>(0x1p-53);
  check_over<Counting<double>>(0x1p-53);
  reset_counts();
}
TEST_CASE("dual and complex numbers over multiprecision numbers", "[scalars]") {
  const test::Digits digits(40);
  check_over<Float50>(0x1p-53);
  check_over<Float100>(0x1p-53);
  check_over<Wide>(0x1p-53);
}
TEST_CASE("dual and complex numbers over rational numbers, intervals and running errors", "[scalars]") {
  check_over<Rational>(0x1p-53);
  check_over<Interval>(0x1p-53);
  check_over<RunningError>(0x1p-53);
}
TEST_CASE("dual numbers over dual and complex ones", "[scalars]") {
  check_in_eigen<Dual<Dual<double, 1>, 4>>();
  const auto g = [](const auto& x) { return smooth(x); };
  Dual<Dual<double, 1>, 4> argument{Dual<double, 1>(0.75, {1})};
  argument.tangent[0] = Dual<double, 1>(1);
  const auto y = g(argument);
  const double slope = by_dual<double>(g, 0.75).slope;
  CHECK(std::abs(y.tangent[0].value - slope) <= 0x1p-45);
  CHECK(std::abs(y.value.tangent[0] - slope) <= 0x1p-45);
  const Dual<Complex<double>, 2> mixed =
      g(Dual<Complex<double>, 2>(Complex<double>(0.75, 0x1p-40), {Complex<double>(1), Complex<double>(0)}));
  // the second derivative twice
  CHECK(std::abs(mixed.tangent[0].im * 0x1p40 - y.tangent[0].tangent[0]) <= 0x1p-40);
}

TEST_CASE("the tape is exact in rational numbers", "[scalars]") {
  Tape<Rational>& tape = Tape<Rational>::active();
  tape.clear();
  const Taped<Rational> p = tape.input(Rational(1) / Rational(3)), q = tape.input(Rational(2) / Rational(7));
  const Taped<Rational> r = p / q - max0(p - q) * p + min0(q - p);
  std::vector<Rational> adjoint(static_cast<std::size_t>(tape.size()), Rational(0));
  adjoint[static_cast<std::size_t>(r.node)] = 1;
  tape.reverse(adjoint);
  CHECK(adjoint[0] == Rational(7) / 2 - Rational(1) / 21 - Rational(1) / 3 - 1);  // 1/q - (p - q) - p - 1
  CHECK(adjoint[1] == -Rational(49) / 12 + Rational(1) / 3 + 1);                  // -p/q^2 + p + 1
  tape.clear();
}

TEST_CASE("rational numbers whose parts are beyond the range of double become doubles", "[scalars]") {
  using namespace math;
  const Rational tiny = Rational(0x1p-1000) * Rational(0x1p-1000), close = Rational(1) / Rational(3) + tiny;
  CHECK(to_double(Rational((tiny + tiny) / (tiny * 3))) == 2.0 / 3.0);
  CHECK(to_double(close) == 1.0 / 3.0);
  CHECK(to_double(Rational(-close)) == -1.0 / 3.0);
}

}  // namespace backprove
