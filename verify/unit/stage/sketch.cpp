#include "verify/stage/sketch.hpp"

#include "core/data.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

template <class T>
void finds_the_entry() {
  const Network network = Network::parse("affine(20,33) tanh layer_norm affine(33,10)");
  const Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
  Recipe recipe;
  recipe.batch = 19;
  const Data data = make_data(network, loss, recipe);
  const Vector<T> theta = data.theta.cast<T>();
  const Matrix<T> x = data.x.cast<T>();
  const Problem<T> problem{network, loss, view(theta), view(x), view(data.y)};
  const SweepRecord<T> right = record_sweep<T>(problem, {}, ReverseSteps<T>());
  for (const SketchJudgement& judgement : sketch_stages<T>(problem, right, true, {8, 1})) {
    INFO(sentence(judgement));
    CHECK_FALSE(judgement.failed);
    CHECK(judgement.smallest_detectable < (std::same_as<T, float> ? 1e-2 : 1e-10));
  }
  // An error of three times what every direction sees, in any one entry.
  for (const Index entry : {Index{0}, Index{17}, Index{33 * 10 - 1}}) {
    SweepRecord<T> wrong = right;
    Vector<T>& theta_bar = wrong.stages[3].theta_bar;
    theta_bar(entry) += theta_bar.cwiseAbs().maxCoeff() * (std::same_as<T, float> ? T(3e-2) : T(3e-10));
    Index failures = 0;
    for (const SketchJudgement& judgement : sketch_stages<T>(problem, wrong, true, {4, 2})) {
      if (!judgement.failed) continue;
      ++failures;
      CHECK(judgement.stage == "layer 4, affine(33,10)");
      CHECK(judgement.tensor == "parameter gradient");
      CHECK(judgement.entry == entry);
      CHECK(judgement.got == static_cast<double>(theta_bar(entry)));
      CHECK(judgement.exact == Approx(static_cast<double>(right.stages[3].theta_bar(entry))).margin(1e-6));
    }
    CHECK(failures == 1);
  }
}

TEST_CASE("sketch: random directions pass what is right and end at the one entry that is wrong") {
  finds_the_entry<float>();
  finds_the_entry<double>();
}

TEST_CASE("sketch: more directions miss less") {
  CHECK(sketch_miss_probability(1) == Approx(13.0 / 16));
  CHECK(sketch_miss_probability(100) < 1e-8);
}

}  // namespace
}  // namespace backprove::test
