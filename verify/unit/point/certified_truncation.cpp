#include "verify/certified_truncation.hpp"

#include "core/scalars/traits.hpp"
#include "core/wide_values.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

struct Differenced {
  SpecifiedProblem problem;
  Outcome quotient;
  CertifiedTruncation certified;
  Gradient<Wide> reference;

  static ProblemSpec spec_of(const char* text, const char* loss) {
    ProblemSpec spec{text, loss, Reduction::mean, {}, 0};
    spec.recipe.batch = 2;
    return spec;
  }
  Differenced(const char* text, const char* loss, const char* strategy, const char* scalar, double step_factor = 1)
      : problem(spec_of(text, loss)) {
    problem.make([](const std::string&) {});
    const Data& data = problem.data();
    const Engine& engine = engine_named(scalar);
    Options options;
    options.step_factor = step_factor;
    quotient = engine.run(strategy,
                          {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options});
    certified = certified_truncation(strategy_named(strategy), engine, problem, options, quotient);
    reference =
        reference_gradient({problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y)}, {});
  }
  double error(Index i) const {
    const Wide difference = wide_entry(quotient.gradient, i) - Certificate::flat_entry(reference, i);
    return std::abs(difference.convert_to<double>());
  }
};

TEST_CASE("certified truncation: without rounding it contains the quotient's whole error, and not much more") {
  // In high precision, with a large step, the quotient has no rounding to speak of: what is left is its truncation.
  for (const char* strategy : {"forward_difference", "central_difference"})
    for (const char* text : {"affine(3,4) tanh affine(4,2)", "affine(2,3) gelu affine(3,3) layer_norm affine(3,2)",
                             "affine(3,3) softplus affine(3,2) log_softmax",
                             "affine(2,2) silu residual(affine(2,3) "
                             "sigmoid affine(3,2))"}) {
      INFO(strategy << " of " << text);
      const Differenced d(text, "squared_error", strategy, "mpfr", 1e8);
      REQUIRE(d.certified.bound.size() == d.quotient.gradient.size());
      double closest = 0;
      for (Index i = 0; i < d.certified.bound.size(); ++i) {
        // Two losses below 100, with some hundred roundings each, over the step: nothing beside a truncation, but a
        // parabola has none.
        const double rounding = 1e4 * unit_roundoff<Wide>() / d.quotient.step(i);
        CHECK(d.error(i) <= d.certified.bound(i) + rounding);
        if (d.certified.bound(i) > 0) closest = std::max(closest, (d.error(i) - rounding) / d.certified.bound(i));
      }
      CHECK(closest > 0.9);
    }
}

TEST_CASE("certified truncation: no bound where a kink lies in the stencil, one beside it") {
  const Differenced smooth("affine(3,4) relu affine(4,2)", "squared_error", "central_difference", "double");
  for (Index i = 0; i < smooth.certified.bound.size(); ++i) CHECK(std::isfinite(smooth.certified.bound(i)));

  SpecifiedProblem problem(Differenced::spec_of("relu(3) affine(3,2)", "squared_error"));
  problem.make([](const std::string&) {});
  const Data& data = problem.data();
  const Engine& engine = engine_named("double");
  Outcome quotient = engine.run("central_difference",
                                {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), {}});
  quotient.step.tail(6).setConstant(8);  // as if the inputs were moved by 4, over their kinks
  const CertifiedTruncation certified =
      certified_truncation(strategy_named("central_difference"), engine, problem, {}, quotient);
  for (Index i = 0; i < 8; ++i) CHECK(std::isfinite(certified.bound(i)));
  for (Index i = 8; i < 14; ++i) CHECK(std::isinf(certified.bound(i)));
}

TEST_CASE("certified truncation: refused with a reason where it would take too long or no remainder is known") {
  const Differenced large("affine(64,64) tanh affine(64,10)", "squared_error", "central_difference", "double");
  CHECK(large.certified.bound.size() == 0);
  CHECK(large.certified.missing.find("interval operations") != std::string::npos);
  const Differenced other("affine(3,2)", "squared_error", "ridders", "double");
  CHECK(other.certified.missing.find("no remainder") != std::string::npos);
}

}  // namespace
}  // namespace backprove::test
