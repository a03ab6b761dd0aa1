#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// The number of threads changes no bit of any result, and neither does a second call.
namespace backprove::test {

namespace {

bool same_doubles(const Vector<double>& a, const Vector<double>& b) {
  Values left, right;
  left.assign(std::vector<double>(a.begin(), a.end()));
  right.assign(std::vector<double>(b.begin(), b.end()));
  return left.same_bits(right);
}

bool same(const Outcome& a, const Outcome& b) {
  return a.loss.same_bits(b.loss) && a.gradient.same_bits(b.gradient) && same_doubles(a.truncation, b.truncation) &&
         same_doubles(a.step, b.step) && same_doubles(a.radius, b.radius) && a.kinked == b.kinked;
}

Options threads(int count) {
  Options options;
  options.threads = count;
  return options;
}

void check(std::string_view scalar, std::string_view network, std::string_view loss, Index batch) {
  const Sample sample(network, seeded(batch, 7), loss);
  for (const StrategyInfo& strategy : strategies()) {
    INFO(strategy.name << " in " << scalar << " of " << network << ", batch " << batch);
    const Outcome one = sample.run(scalar, strategy.name, threads(1));
    if (!one.unsupported.empty()) continue;
    REQUIRE(one.gradient.size() == sample.network.parameters() + sample.network.inputs() * batch);
    CHECK(largest(one.gradient) > 0);
    CHECK(same(one, sample.run(scalar, strategy.name, threads(1))));
    CHECK(same(one, sample.run(scalar, strategy.name, threads(2))));
    CHECK(same(one, sample.run(scalar, strategy.name, threads(4))));
  }
}

// The second is free of irrational functions, so that exact_rational serves it.
constexpr std::string_view smooth =
    "affine(3,4) tanh residual(affine(4,4) gelu) layer_norm softplus affine(4,2) log_softmax";
constexpr std::string_view piecewise = "affine(2,3) relu residual(affine(3,3) leaky_relu) affine(3,2)";

}  // namespace

TEST_CASE("threads: 1, 2 and 4 give the same bits in float and double", "[core][threads]") {
  for (const std::string_view scalar : {"float", "double"})
    for (const Index batch : {1, 17, 40, 100}) {
      check(scalar, smooth, "squared_error", batch);
      check(scalar, "affine(3,5) silu softmax affine(5,3)", "softmax_cross_entropy", batch);
      check(scalar, piecewise, "squared_error", batch);
    }
}

TEST_CASE("threads: 1, 2 and 4 give the same bits in long double", "[core][threads]") {
  for (const Index batch : {1, 17, 40, 100}) {
    check("long_double", smooth, "squared_error", batch);
    check("long_double", piecewise, "squared_error", batch);
  }
}

TEST_CASE("threads: 1, 2 and 4 give the same bits in 50 digits", "[core][threads]") {
  for (const Index batch : {1, 17, 40, 100}) {
    check("cpp_bin_float_50", "affine(2,3) tanh residual(affine(3,3) silu) layer_norm affine(3,1)", "squared_error",
          batch);
    check("cpp_bin_float_50", piecewise, "squared_error", batch);
  }
}

TEST_CASE("threads: products wider than a tile are not split by threads either", "[core][threads]") {
  const Sample sample("affine(130,101) tanh affine(101,130) layer_norm affine(130,3)", seeded(70, 3),
                      "softmax_cross_entropy");
  for (const std::string_view scalar : {"float", "double"})
    for (const std::string_view strategy : {"reverse_vjp", "reverse_checkpointed", "jacobian_structured"}) {
      INFO(strategy << " in " << scalar);
      const Outcome one = sample.run(scalar, strategy, threads(1));
      CHECK(same(one, sample.run(scalar, strategy, threads(2))));
      CHECK(same(one, sample.run(scalar, strategy, threads(4))));
    }
}

TEST_CASE("threads: the comparison sees a changed last bit", "[core][threads]") {
  Sample sample(smooth, seeded(17, 7));
  const Outcome before = sample.run("double", "reverse_vjp");
  sample.data.theta(0) = std::nextafter(sample.data.theta(0), 2);
  CHECK_FALSE(same(before, sample.run("double", "reverse_vjp")));
}

}  // namespace backprove::test
