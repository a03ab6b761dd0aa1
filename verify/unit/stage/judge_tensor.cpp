#include <cmath>
#include <limits>

#include "verify/stage/judge.hpp"
#include "verify/unit/catch.hpp"

/// The verifier's own mistakes would show here: a bound term dropped, the wrong side compared, an entry skipped, NaN
/// accepted, a bound that grows with the size.
namespace backprove::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

ExactTensor exact_of(const Matrix<double>& centre, double bound) {
  ExactTensor exact{{}, Matrix<double>::Constant(centre.rows(), centre.cols(), bound)};
  for (Index i = 0; i < centre.size(); ++i) exact.entries.emplace_back(centre.data()[i]);
  return exact;
}

Finding judged(const Matrix<double>& got, const ExactTensor& exact, bool accurate = false) {
  return judge_tensor({"stage", "tensor", 1, false, accurate, 0x1p-53, nullptr, {}}, got, exact).finding;
}

TEST_CASE("judge: every entry counts, on both sides of the exact value, up to the bound and no further") {
  const Matrix<double> centre = Matrix<double>::Constant(5, 3, 2.0);
  const ExactTensor exact = exact_of(centre, 0x1p-10);
  CHECK(judged(centre, exact) == Finding::pass);
  for (Index i = 0; i < centre.size(); ++i)
    for (const double side : {-1.0, 1.0}) {
      Matrix<double> got = centre;
      got.data()[i] += side * 0x1p-10;
      CHECK(judged(got, exact) == Finding::pass);
      got.data()[i] += side * 0x1p-30;
      const TensorJudgement judgement =
          judge_tensor({"stage", "tensor", 1, false, false, 0x1p-53, nullptr, {}}, got, exact);
      CHECK(judgement.finding == Finding::fail_formula);
      CHECK(judgement.row == i % 5);
      CHECK(judgement.column == i / 5);
    }
}

TEST_CASE("judge: the bound of one entry does not serve another, whatever the size") {
  for (const Index n : {1, 10, 1000}) {
    const Matrix<double> centre = Matrix<double>::Ones(n, 1);
    ExactTensor exact = exact_of(centre, 0);
    exact.bound(n - 1, 0) = 0.5;
    Matrix<double> got = centre;
    got(n - 1, 0) = 1.25;
    CHECK(judged(got, exact) == Finding::pass);
    if (n == 1) continue;
    got = centre;
    got(0, 0) = std::nextafter(1.0, 2.0);
    CHECK(judged(got, exact) == Finding::fail_formula);
  }
}

TEST_CASE("judge: what is not a number never passes") {
  const Matrix<double> centre = Matrix<double>::Ones(3, 1);
  for (const double bad : {nan, inf, -inf}) {
    Matrix<double> got = centre;
    got(1, 0) = bad;
    CHECK(judged(got, exact_of(centre, 0.1)) == Finding::fail_nonfinite);
    ExactTensor unknown = exact_of(centre, 0.1);
    unknown.bound(1, 0) = bad;
    CHECK(judged(centre, unknown) == Finding::inconclusive);
  }
}

TEST_CASE("judge: zero is vacuous, a bound as wide as the gradient inconclusive, a wrong entry beside them a failure") {
  const Matrix<double> zero = Matrix<double>::Zero(4, 1), one = Matrix<double>::Ones(4, 1);
  CHECK(judged(zero, exact_of(zero, 0)) == Finding::vacuous);
  CHECK(judged(zero, exact_of(zero, 1e-9)) == Finding::vacuous);
  Matrix<double> got = zero;
  got(3, 0) = 1e-8;
  CHECK(judged(got, exact_of(zero, 1e-9)) == Finding::fail_formula);
  CHECK(judged(one, exact_of(one, 1)) == Finding::inconclusive);
  CHECK(judged(4 * one, exact_of(one, 1)) == Finding::fail_formula);
}

TEST_CASE("judge: digits that a bound allows to be lost fail where they are owed") {
  const Matrix<double> centre = Matrix<double>::Constant(2, 1, 1e-10);
  Matrix<double> got = centre;
  got(0, 0) *= 1 + 1e-9;
  const ExactTensor exact = exact_of(centre, 1e-16);
  CHECK(judged(got, exact, false) == Finding::pass);
  CHECK(judged(got, exact, true) == Finding::fail_accuracy);
  CHECK(judged(centre, exact, true) == Finding::pass);
}

}  // namespace
}  // namespace backprove::test
