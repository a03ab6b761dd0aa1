#include "core/product.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// RunningError's bound against the true errors of the same expressions in float and in double.
namespace backprove {
namespace {

enum class Step {
  add,
  subtract,
  multiply,
  divide,
  negate,
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  tanh,
  erf,
  erfc,
  sigmoid,
  softplus,
  max0,
  min0,
  sin,
  cos,
  atan,
  count_
};

struct Instruction {
  Step op;
  std::size_t a, b;
};

template <class T>
T evaluate(Step op, const T& a, const T& b) {
  using namespace math;
  switch (op) {
    case Step::add:
      return a + b;
    case Step::subtract:
      return a - b;
    case Step::multiply:
      return a * b;
    case Step::divide:
      return a / b;
    case Step::negate:
      return -a;
    case Step::exp:
      return exp(a);
    case Step::expm1:
      return expm1(a);
    case Step::log:
      return log(a);
    case Step::log1p:
      return log1p(a);
    case Step::sqrt:
      return sqrt(a);
    case Step::tanh:
      return tanh(a);
    case Step::erf:
      return erf(a);
    case Step::erfc:
      return erfc(a);
    case Step::sigmoid:
      return sigmoid(a);
    case Step::softplus:
      return softplus(a);
    case Step::max0:
      return max0(a);
    case Step::min0:
      return min0(a);
    case Step::sin:
      return sin(a);
    case Step::cos:
      return cos(a);
    case Step::atan:
      return atan(a);
    case Step::count_:
      break;
  }
  return a;
}

/// Keeps numbers away from the ends of domains and from overflow.
bool sensible(Step op, double a, double b) {
  if (op == Step::divide) return std::abs(b) > 0.05;
  if (op == Step::exp || op == Step::expm1) return a < 6;
  if (op == Step::log || op == Step::sqrt) return a > 0.05;
  if (op == Step::log1p) return a > -0.9;
  return true;
}

struct Program {
  std::vector<double> inputs;
  std::vector<Instruction> steps;

  explicit Program(std::mt19937_64& random) {
    for (int k = 0; k < 4; ++k) inputs.push_back(static_cast<float>(test::between(random, -2, 2)));
    std::vector<double> values = inputs;
    while (steps.size() < 14) {
      const Instruction step{static_cast<Step>(random() % static_cast<std::size_t>(Step::count_)),
                             random() % values.size(), random() % values.size()};
      if (!sensible(step.op, values[step.a], values[step.b])) continue;
      const double value = evaluate(step.op, values[step.a], values[step.b]);
      if (!(std::abs(value) < 1000)) continue;
      steps.push_back(step);
      values.push_back(value);
    }
  }
  template <class T>
  std::vector<T> run() const {
    std::vector<T> values;
    for (const double x : inputs) values.push_back(T(static_cast<T>(x)));
    for (const Instruction& step : steps) values.push_back(evaluate<T>(step.op, values[step.a], values[step.b]));
    return values;
  }
};

/// Every value of many programs lies within its bound; returns the ratios error/bound of the results.
template <class T>
std::vector<double> check_programs(const Arithmetic& arithmetic) {
  const test::Digits digits(50);
  const ArithmeticScope scope(arithmetic);
  std::mt19937_64 random(31);
  std::vector<double> ratios;
  int unbounded = 0;
  constexpr int programs = 4000;
  for (int k = 0; k < programs; ++k) {
    const Program program(random);
    const std::vector<T> got = program.run<T>();
    const std::vector<RunningError> bound = program.run<RunningError>();
    const std::vector<Wide> exact = program.run<Wide>();
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = test::distance(to_wide(got[i]), exact[i]);
      CAPTURE(arithmetic.name, k, i, got[i], bound[i].v, bound[i].e, error);
      REQUIRE(error <= bound[i].e);
      REQUIRE(test::distance(Wide(bound[i].v), exact[i]) <= bound[i].e);
    }
    if (!std::isfinite(bound.back().e)) ++unbounded;
    if (bound.back().e > 0 && std::isfinite(bound.back().e))
      ratios.push_back(test::distance(to_wide(got.back()), exact.back()) / bound.back().e);
  }
  CHECK(unbounded < programs / 50);
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

template <class T, class F>
void check_single(std::string_view name, F f, double x, const Arithmetic& arithmetic) {
  const T argument = static_cast<T>(x);
  const RunningError bound = f(RunningError(static_cast<double>(argument)));
  const double error = test::distance(to_wide(static_cast<T>(f(argument))), f(to_wide(argument)));
  CAPTURE(name, argument, f(argument), error, bound.e, arithmetic.name);
  CHECK(error <= bound.e);
}

}  // namespace

TEST_CASE("the running error of random expressions contains their error in float and double", "[scalars]") {
  for (const bool single : {true, false}) {
    const std::vector<double> ratios =
        single ? check_programs<float>(float_arithmetic) : check_programs<double>(double_arithmetic);
    const double median = ratios[ratios.size() / 2];
    INFO((single ? "float" : "double") << ": median of error/bound " << median << ", largest " << ratios.back());
    CHECK(median > 0.005);  // else the bound would say nothing
    CHECK(ratios.back() <= 1);
    CHECK(ratios.back() > 0.3);
  }
}

TEST_CASE("running errors hold where results are subnormal", "[scalars]") {
  const test::Digits digits(40);
  std::mt19937_64 random(32);
  test::for_each_smooth_function([&](const test::Traits& traits, auto f) {
    for (int k = 0; k < 2000; ++k) {
      const double small = test::between(random, -104, -86), large = test::between(random, -746, -707);
      const double low = test::in_domain(traits, small) ? small : std::exp2(small),
                   tail = test::between(random, 9, 10.1);
      {
        const ArithmeticScope scope(float_arithmetic);
        check_single<float>(traits.name, f, low, float_arithmetic);
        check_single<float>(traits.name, f, tail, float_arithmetic);
      }
      check_single<double>(traits.name, f, test::in_domain(traits, large) ? large : std::exp2(large),
                           double_arithmetic);
      check_single<double>(traits.name, f, test::between(random, 26, 27.3), double_arithmetic);
    }
  });
}

TEST_CASE("the bound of a matrix product holds for the tiled product of float and double", "[scalars]") {
  const test::Digits digits(50);
  std::mt19937_64 random(33);
  const auto check = [&]<class T>(T, const Arithmetic& arithmetic) {
    const ArithmeticScope scope(arithmetic);
    constexpr Index m = 5, inner = 230, n = 4;
    Matrix<T> a(m, inner), b(inner, n), c = Matrix<T>::Constant(m, n, T(0.5));
    for (Index i = 0; i < a.size(); ++i) a.data()[i] = static_cast<T>(test::between(random, -1, 1));
    for (Index i = 0; i < b.size(); ++i) b.data()[i] = static_cast<T>(test::between(random, -1, 1));
    Matrix<RunningError> wide_a(m, inner), wide_b(inner, n),
        bound = Matrix<RunningError>::Constant(m, n, RunningError(0.5));
    for (Index i = 0; i < a.size(); ++i) wide_a.data()[i] = RunningError(static_cast<double>(a.data()[i]));
    for (Index i = 0; i < b.size(); ++i) wide_b.data()[i] = RunningError(static_cast<double>(b.data()[i]));
    product<T>(Op::plain, view(std::as_const(a)), Op::plain, view(std::as_const(b)), view(c), true);
    product<RunningError>(Op::plain, view(std::as_const(wide_a)), Op::plain, view(std::as_const(wide_b)), view(bound),
                          true);
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < m; ++i) {
        Wide exact(0.5);
        for (Index k = 0; k < inner; ++k) exact += to_wide(a(i, k)) * to_wide(b(k, j));
        CHECK(test::distance(to_wide(c(i, j)), exact) <= bound(i, j).e);
        CHECK(bound(i, j).e <= 2 * 231 * arithmetic.unit_roundoff * inner);
      }
  };
  check(float(), float_arithmetic);
  check(double(), double_arithmetic);
}

TEST_CASE("running errors of kinks, constants and what is not a number", "[scalars]") {
  const double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(step(RunningError(1e-20, 1e-20)).e == 1);
  CHECK(step(RunningError(1, 1e-20)).e == 0);
  CHECK(step(RunningError(0)).e == 0);  // exactly 0: no doubt
  {
    const ArithmeticScope scope(long_double_arithmetic);
    CHECK(step(RunningError(1e-20, 1e-20)).e == infinite);
  }
  CHECK(rounding_of<Wide>()->uncertain_step == infinite);
  CHECK(max0(RunningError(-1, 0.1)).e == 0);
  CHECK(max0(RunningError(-0.1, 0.1)).e == 0.1);
  CHECK(min0(RunningError(1, 0.1)).e == 0);
  CHECK(detach(RunningError(1, 0.1)).e == 0);
  CHECK(log(RunningError(0.1, 0.1)).e == infinite);
  CHECK((RunningError(1) / RunningError(0.1, 0.1)).e == infinite);
  CHECK((RunningError(nan) * RunningError(1)).e == infinite);
  CHECK((RunningError(0, infinite) * RunningError(0)).e == infinite);
  CHECK(larger(RunningError(nan), RunningError(1)).e == 0);
  CHECK(std::isnan(larger(RunningError(nan), RunningError(1)).v));
  CHECK(active_arithmetic().name == "double");
  CHECK(rounding_of<float>()->unit_roundoff == 0x1p-24);
  CHECK_FALSE(rounding_of<Interval>().has_value());
  CHECK_FALSE(rounding_of<Rational>().has_value());
}

}  // namespace backprove
