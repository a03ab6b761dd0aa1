#include "verify/stage/affine_step.hpp"

#include <random>

#include "verify/stage/judge.hpp"
#include "verify/unit/catch.hpp"

// The exact side of affine stages: double-double products against the tape and against exact sums, and what does not
// fit.

namespace backprove::test {
namespace {

/// An affine layer's step in T, right: its own vjp's results.
template <class T>
struct Step {
  Affine layer;
  Vector<T> theta;
  StageRecord<T> record;

  Step(Index n_in, Index n_out, Index batch, double scale, unsigned seed) : layer{{}, n_in, n_out} {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> numbers(-1, 1);
    const auto draw = [&](Index rows, Index columns, double size) {
      Matrix<T> m(rows, columns);
      for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<T>(size * numbers(random));
      return m;
    };
    theta = draw(layer.parameters(), 1, 1);
    record.x = draw(n_in, batch, 1);
    record.y_bar = draw(n_out, batch, scale);
    record.chunk = batch;
    record.x_bar.setZero(n_in, batch);
    record.theta_bar = Vector<T>::Zero(layer.parameters());
    const Matrix<T> y(n_out, batch);
    Vector<T> none;
    layer.vjp(At<T>{view(std::as_const(theta)), view(std::as_const(record.x)), view(y), view(none)},
              view(std::as_const(record.y_bar)), view(record.x_bar), view(record.theta_bar));
  }
  Matrix<double> weight() const { return In<T>(theta.data(), layer.n_in, layer.n_out).template cast<double>(); }
  std::optional<stage::AffineIntervals> intervals() const {
    return stage::affine_intervals(weight(), stage::in_double(record.x), stage::in_double(record.y_bar));
  }
  std::vector<TensorJudgement> judged() const {
    return judge_layer<T>(layer, "affine", view(std::as_const(theta)), record);
  }
};

bool overlap(const Interval& a, const Interval& b) {
  return mpfr_lessequal_p(&a.get()->left, &b.get()->right) != 0 &&
         mpfr_lessequal_p(&b.get()->left, &a.get()->right) != 0;
}

template <class T>
void agrees_with_the_tape() {
  const PrecisionScope scope(stage_bits);
  for (const auto& [n_in, n_out, batch] :
       {std::tuple<Index, Index, Index>{1, 1, 1}, {3, 5, 2}, {17, 9, 33}, {40, 33, 7}}) {
    const Step<T> step(n_in, n_out, batch, 1, 5);
    const auto fast = step.intervals();
    REQUIRE(fast);
    TapedStep<Interval> tape;
    const Vector<Interval> theta = promoted<Interval>(view(std::as_const(step.theta)));
    Vector<Interval> theta_bar = Vector<Interval>::Constant(theta.size(), Interval(0));
    int inexact = 0;
    for (Index s = 0; s < batch; ++s) {
      const Matrix<Interval> x = step.record.x.col(s).unaryExpr([](T v) { return Interval(static_cast<double>(v)); });
      const Vector<Interval> y_bar =
          step.record.y_bar.col(s).unaryExpr([](T v) { return Interval(static_cast<double>(v)); });
      const Vector<Interval> x_bar = tape.layer(step.layer, view(theta), view(x), view(y_bar), view(theta_bar));
      for (Index i = 0; i < n_in; ++i) {
        REQUIRE(overlap(fast->x_bar(i, s), x_bar(i)));
        REQUIRE(fast->x_bar(i, s).width_double() <= 1e-28 * static_cast<double>(n_out));
        inexact += x_bar(i).width_double() > 0 || fast->x_bar(i, s).width_double() > 0 ? 1 : 0;
      }
    }
    for (Index k = 0; k < theta_bar.size(); ++k) {
      REQUIRE(overlap(fast->theta_bar(k), theta_bar(k)));
      REQUIRE(fast->theta_bar(k).width_double() <= 1e-28 * static_cast<double>(batch));
    }
    CHECK(inexact == n_in * batch);
    for (const TensorJudgement& judgement : step.judged()) CHECK(judgement.finding == Finding::pass);
  }
}

}  // namespace

TEST_CASE("affine stages: double-double encloses what the tape encloses", "[stage]") {
  agrees_with_the_tape<float>();
  agrees_with_the_tape<double>();
}

TEST_CASE("affine stages: an error just beyond a stage's bound is seen through the double-double product", "[stage]") {
  Step<double> step(30, 20, 16, 1, 6);
  const stage::Bounds bounds = stage::bounds_of<double>(step.layer, view(std::as_const(step.theta)), step.record);
  step.record.x_bar(4, 3) += 3 * bounds.x_bar(4, 3);
  step.record.theta_bar(77) += 3 * bounds.theta_bar(77);
  const std::vector<TensorJudgement> judged = step.judged();
  REQUIRE(judged.size() == 3);
  CHECK(judged[0].finding == Finding::fail_formula);
  CHECK((judged[0].row == 4 && judged[0].column == 3));
  CHECK(judged[1].finding == Finding::fail_formula);
  CHECK(judged[1].row + judged[1].column * 30 == 77);
  CHECK(judged[2].finding == Finding::pass);
}

TEST_CASE("affine stages: what does not fit is left to the tape, with the same verdicts", "[stage]") {
  const Step<double> tiny(4, 3, 2, 1e-300, 7), huge(4, 3, 2, 1e305, 7), zero(4, 3, 2, 0, 7);
  CHECK(!tiny.intervals());
  CHECK(!huge.intervals());
  for (const Step<double>* step : {&tiny, &huge})
    for (const TensorJudgement& judgement : step->judged()) CHECK(judgement.finding == Finding::pass);
  REQUIRE(zero.intervals());
  CHECK(zero.intervals()->x_bar(0, 0).magnitude_double() == 0);
  for (const TensorJudgement& judgement : zero.judged()) CHECK(judgement.finding == Finding::vacuous);
  Step<double> infinite(4, 3, 2, 1, 7);
  infinite.theta(0) = std::numeric_limits<double>::infinity();
  CHECK(!infinite.intervals());
}

TEST_CASE("affine stages: signed sums in two parts of doubles are good to 2^-60", "[stage]") {
  std::mt19937_64 random(8);
  std::uniform_real_distribution<double> numbers(-1, 1);
  const auto draw = [&](Index rows, Index columns) {
    Matrix<double> m(rows, columns);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = std::ldexp(numbers(random), static_cast<int>(random() % 30));
    return m;
  };
  for (const auto& [outputs, terms, columns] : {std::tuple<Index, Index, Index>{1, 1, 1}, {9, 200, 5}, {33, 65, 12}}) {
    const Matrix<double> a = draw(outputs, terms), weights = draw(outputs, columns);
    Matrix<double> signs(terms, 2 * columns);
    for (Index i = 0; i < signs.size(); ++i) signs.data()[i] = static_cast<double>(random() % 3) - 1;
    const auto sums = stage::SignedSums::of(a);
    REQUIRE(sums);
    const std::vector<long double> got = sums->products(signs, weights);
    REQUIRE(got.size() == 2);
    const PrecisionScope scope(2048);
    for (Index c = 0; c < 2; ++c) {
      Interval off(0);
      double size = 0;
      for (Index j = 0; j < columns; ++j)
        for (Index i = 0; i < outputs; ++i)
          for (Index k = 0; k < terms; ++k) {
            const double sign = signs(k, c * columns + j);
            off += Interval(sign * a(i, k)) * Interval(weights(i, j));
            size += std::abs(a(i, k) * weights(i, j));
          }
      const auto high = static_cast<double>(got[static_cast<std::size_t>(c)]);
      off -= Interval(high);
      off -= Interval(static_cast<double>(got[static_cast<std::size_t>(c)] - static_cast<long double>(high)));
      CHECK(off.magnitude_double() <= 0x1p-60 * size);
    }
  }
  CHECK(!stage::SignedSums::of(Matrix<double>::Constant(2, 5000, 1)));
  CHECK(!stage::SignedSums::of(Matrix<double>::Constant(2, 5, 1e-300)));
  CHECK(!stage::SignedSums::of(Matrix<double>::Constant(2, 5, std::nan(""))));
}

}  // namespace backprove::test
