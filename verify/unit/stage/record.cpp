#include <cstring>

#include "core/data.hpp"
#include "core/strategies/reverse_vjp.hpp"
#include "verify/stage/stages.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

template <class T>
bool same(const T* a, const T* b, Index n) {
  return std::memcmp(a, b, sizeof(T) * static_cast<std::size_t>(n)) == 0;
}

template <class T>
struct Made {
  Network network =
      Network::parse("affine(6,9) tanh layer_norm residual(affine(9,4) gelu affine(4,9)) relu affine(9,5)");
  Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
  Data data;
  Vector<T> theta;
  Matrix<T> x;

  explicit Made(Index batch) {
    Recipe recipe;
    recipe.batch = batch;
    data = make_data(network, loss, recipe);
    theta = data.theta.cast<T>();
    x = data.x.cast<T>();
  }
  Problem<T> problem() const { return {network, loss, view(theta), view(x), view(data.y)}; }
};

template <class T>
void records_what_runs() {
  for (const Index batch : {1, 5, 17, 40})
    for (const int threads : {1, 3}) {
      const Made<T> made(batch);
      Options options;
      options.threads = threads;
      const SweepRecord<T> record = record_sweep<T>(made.problem(), options, ReverseSteps<T>());
      Gradient<T> gradient;
      gradient.resize(made.problem(), true);
      ReverseVjp::prepare<T>(made.problem(), options)(gradient);
      CHECK(same(record.gradient.parameters.data(), gradient.parameters.data(), gradient.parameters.size()));
      CHECK(same(record.gradient.input.data(), gradient.input.data(), gradient.input.size()));
      CHECK(same(record.stages.front().x_bar.data(), gradient.input.data(), gradient.input.size()));
      for (std::size_t l = 1; l < record.stages.size(); ++l)
        CHECK(same(record.stages[l].x_bar.data(), record.stages[l - 1].y_bar.data(), record.stages[l].x_bar.size()));
    }
}

TEST_CASE("stages: the recorded sweep has the bits of reverse_vjp, and every stage hands on what it computed") {
  records_what_runs<float>();
  records_what_runs<double>();
}

template <class T>
void judges_right_and_wrong() {
  const Made<T> made(7);
  Options options;
  SweepRecord<T> record = record_sweep<T>(made.problem(), options, ReverseSteps<T>());
  for (const TensorJudgement& judgement : judge_stages<T>(made.problem(), record, true)) {
    INFO(sentence(judgement));
    CHECK(judgement.finding == Finding::pass);
    CHECK(judgement.resolution < (std::same_as<T, float> ? 1e-4 : 1e-12));
  }
  // Any single entry, wrong by a hundred times the resolution, is found, and its place named.
  record.stages[5].theta_bar(17) *= T(1) + (std::same_as<T, float> ? T(0.01) : T(1e-10));
  Index failures = 0;
  for (const TensorJudgement& judgement : judge_stages<T>(made.problem(), record, true))
    if (is_failure(judgement.finding)) {
      ++failures;
      CHECK(judgement.stage == "layer 6, affine(9,5)");
      CHECK(judgement.tensor == "weight gradient");
      CHECK(judgement.row == 17 % 9);
      CHECK(judgement.column == 17 / 9);
    }
  CHECK(failures == 1);
}

TEST_CASE("stages: a right sweep passes with a fine resolution, one wrong entry is named") {
  judges_right_and_wrong<float>();
  judges_right_and_wrong<double>();
}

TEST_CASE("stages: after an overflow only the stage where it happened can be blamed") {
  const Made<double> made(4);
  SweepRecord<double> record = record_sweep<double>(made.problem(), {}, ReverseSteps<double>());
  record.stages[4].x_bar(3, 2) = std::numeric_limits<double>::infinity();
  record.stages[3].y_bar(3, 2) = std::numeric_limits<double>::infinity();
  record.stages[3].x_bar.setConstant(std::numeric_limits<double>::quiet_NaN());
  Index failures = 0;
  for (const TensorJudgement& judgement : judge_stages<double>(made.problem(), record, true)) {
    if (judgement.stage.starts_with("layer 4")) CHECK(judgement.finding == Finding::inconclusive);
    if (!is_failure(judgement.finding)) continue;
    ++failures;
    CHECK(judgement.stage == "layer 5, relu(9)");
    CHECK(judgement.finding == Finding::fail_nonfinite);
  }
  CHECK(failures == 1);
}

}  // namespace
}  // namespace backprove::test
