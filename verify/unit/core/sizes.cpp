#include <fmt/format.h>

#include <algorithm>

#include "verify/certificate.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// The largest and the smallest networks: what works, what agrees, and what the limits forbid before it starts.
namespace backprove::test {

namespace {

constexpr double u = 0x1p-53;

std::string chain(Index depth, Index width, Index outputs) {
  std::string text;
  for (Index l = 1; l <= depth; ++l)
    text += fmt::format("{}affine({},{})", l > 1 ? " tanh " : "", width, l == depth ? outputs : width);
  return text;
}

/// Largest error of every layer's parameters, and of the inputs, over that block's largest entry: the worst block's.
double worst_block(const Sample& sample, const Values& got, const Values& expected) {
  if (got.size() != expected.size()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (const Block& block : blocks_of(sample.network, sample.batch(), true)) {
    double error = 0, scale = 0;
    for (Index i = block.begin; i < block.begin + block.count; ++i) {
      const double difference = std::abs(got.as_double(i) - expected.as_double(i));
      error = difference <= error      ? error
              : std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : difference;
      scale = std::max(scale, std::abs(expected.as_double(i)));
    }
    worst = std::max(worst, scale > 0 ? error / scale : std::numeric_limits<double>::infinity());
  }
  return worst;
}

const std::vector<std::string_view> scalable{"reverse_checkpointed", "jacobian_structured", "jacobian_prefix"};

/// Double against double: two sweeps through `depth` sums of `width` products, each rounded at most width times.
void check_agreement(Index depth, Index width, Index outputs) {
  const Sample sample(chain(depth, width, outputs));
  const Outcome expected = sample.run("double", "reverse_vjp");
  CHECK(largest(expected.gradient) > 0);
  const double bound = 2 * static_cast<double>(depth * width) * u;
  for (const std::string_view strategy : scalable) {
    INFO(strategy << ", depth " << depth << ", width " << width);
    const Outcome outcome = sample.run("double", strategy);
    CHECK(worst_block(sample, outcome.gradient, expected.gradient) <= bound);
    CHECK(outcome.loss.same_bits(expected.loss));
  }
}

/// Strategies that the default limits forbid on such a network, batch 1, with the bytes of the numbers they work in.
std::vector<std::string_view> forbidden(const std::string& text) {
  const Network network = Network::parse(text);
  std::vector<std::string_view> names;
  for (const StrategyInfo& strategy : strategies()) {
    const std::string_view scalar = strategy.name == "enclosure"   ? "mpfi"
                                    : strategy.name == "reference" ? "mpfr"
                                                                   : "double";
    if (!beyond(Limits{}, strategy.predict({network, 1, true, 1}), engine_named(scalar).bytes()).empty())
      names.push_back(strategy.name);
  }
  return names;
}

bool holds(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Strategies in floating point whose only error is rounding.
const std::vector<std::string_view> direct{
    "reverse_vjp",      "reverse_checkpointed", "jacobian_structured",       "jacobian_prefix",
    "jacobian_literal", "jacobian_forward",     "jacobian_literal_dense",    "jacobian_bracketed",
    "forward_mode",     "complex_step",         "jacobian_forward_kronecker"};

/// Every entry finite, and off by at most `units` rounding errors of the largest entry (of at least 1e-300).
void check_against_reference(const Sample& sample, double units) {
  const Outcome expected = sample.run("double", "reference");
  REQUIRE(std::isfinite(largest(expected.gradient)));
  for (const std::string_view scalar : {"float", "double"})
    for (const std::string_view strategy : direct) {
      INFO(strategy << " in " << scalar << " of " << sample.network.text() << ", " << sample.loss.name());
      const Outcome outcome = sample.run(scalar, strategy);
      const double unit = engine_named(scalar).unit_roundoff();
      CHECK(std::isfinite(outcome.loss.as_double(0)));
      CHECK(std::abs(outcome.loss.as_double(0) - expected.loss.as_double(0)) <=
            units * unit * std::max(1.0, std::abs(expected.loss.as_double(0))));
      double error = 0;
      for (Index i = 0; i < expected.gradient.size(); ++i) {
        REQUIRE(std::isfinite(outcome.gradient.as_double(i)));
        error = std::max(error, std::abs(outcome.gradient.as_double(i) - expected.gradient.as_double(i)));
      }
      CHECK(error <= units * unit * std::max(1e-300, largest(expected.gradient)));
    }
}

/// Four neurons at 40, -40, 40.5, -39.5 in front of `layer`, and two outputs behind it.
Sample saturated(std::string_view layer, std::string_view behind) {
  Sample sample(fmt::format("affine(1,4) {} {}", layer, behind), seeded(1, 5));
  sample.data.theta.head(8) << 40, -40, 40, -40, 0, 0, 0.5, 0.5;
  sample.data.x << 1;
  return sample;
}

Sample on_logits(std::string_view network, std::string_view loss, const std::vector<double>& x,
                 const std::vector<double>& y) {
  Sample sample(network, seeded(1), loss);
  for (std::size_t i = 0; i < x.size(); ++i) sample.data.x(static_cast<Index>(i)) = x[i];
  for (std::size_t i = 0; i < y.size(); ++i) sample.data.y(static_cast<Index>(i)) = y[i];
  return sample;
}

}  // namespace

TEST_CASE("sizes: depth 128", "[core][sizes]") {
  check_agreement(128, 8, 10);
  check_agreement(128, 1, 1);
}

TEST_CASE("sizes: width 512", "[core][sizes]") {
  check_agreement(4, 512, 10);
  check_agreement(1, 512, 512);
}

TEST_CASE("sizes: depth 128 and width 512 together", "[core][sizes][large]") { check_agreement(128, 512, 10); }

TEST_CASE("sizes: the limits forbid what cannot end, and nothing that scales", "[core][sizes]") {
  // One evaluation or more for every parameter, or dense products from the input side.
  const std::vector<std::string_view> large = forbidden(chain(128, 512, 10));
  for (const std::string_view strategy :
       {"forward_difference", "central_difference", "ridders", "complex_step", "forward_mode", "jacobian_forward",
        "jacobian_forward_kronecker", "enclosure"}) {
    INFO(strategy);
    CHECK(holds(large, strategy));
  }
  const std::vector<std::string_view> wide = forbidden(chain(4, 512, 10));
  for (const std::string_view strategy : {"central_difference", "ridders", "complex_step"})
    CHECK(holds(wide, strategy));
  CHECK(forbidden(chain(128, 8, 10)).empty());
  for (const auto& names : {large, wide}) {
    CHECK_FALSE(holds(names, "reverse_vjp"));
    for (const std::string_view strategy : scalable) CHECK_FALSE(holds(names, strategy));
  }
  // The reason names the number and the limit.
  const Cost cost = strategy_named("ridders").predict({Network::parse(chain(4, 512, 10)), 1, true, 1});
  CHECK(beyond(Limits{}, cost, 8).find("multiplications, the limit is 1e+12") != std::string::npos);
  CHECK(beyond(Limits{1000, 1e30}, cost, 8).find("bytes, the limit is 1e+03") != std::string::npos);
}

TEST_CASE("sizes: the smallest networks, by every strategy", "[core][sizes]") {
  for (const std::string_view text :
       {"affine(1,1)", "affine(1,1) tanh affine(1,1)", "affine(5,1)", "affine(1,5)", "layer_norm(1)", "softmax(1)",
        "log_softmax(1)", "tanh(1)", "residual(affine(1,1) relu)", "identity(1) identity identity"}) {
    const Sample sample(text, seeded(1, 2));
    const Outcome expected = sample.run("double", "reference");
    for (const std::string_view scalar : {"float", "double", "long_double"})
      for (const StrategyInfo& strategy : strategies()) {
        const Outcome outcome = sample.run(scalar, strategy.name);
        if (!outcome.unsupported.empty()) continue;
        INFO(strategy.name << " in " << scalar << " of " << text);
        REQUIRE(outcome.gradient.size() == expected.gradient.size());
        const bool difference = outcome.step.size() > 0 && (outcome.step.array() > 0).any();
        const double unit = engine_named(scalar).unit_roundoff(), scale = std::max(1.0, largest(expected.gradient));
        for (Index i = 0; i < expected.gradient.size(); ++i) {
          if (difference && outcome.kinked(i) != 0) continue;
          // A quotient loses the losses' roundings over the step; their truncation was estimated from two steps.
          const double bound = difference ? 2 * outcome.truncation(i) + 64 * scale * unit / outcome.step(i)
                                          : 64 * scale * std::max(unit, u);
          CHECK(std::abs(outcome.gradient.as_double(i) - expected.gradient.as_double(i)) <= bound);
        }
      }
  }
}

TEST_CASE("sizes: every layer with saturated inputs, |x| = 40", "[core][sizes]") {
  for_each_layer([&]<class L>() {
    const bool affine = L::name == "affine";
    check_against_reference(saturated(affine ? "affine(4,4)" : L::example, "affine(4,2)"), 256);
  });
}

TEST_CASE("sizes: where a layer promises its digits, saturation costs none", "[core][sizes]") {
  // Not tanh: near saturation 1 - y^2 keeps an absolute error only. GELU's slope at -40 is below e^-745, so it is 0 in
  // double, as the reference's is after rounding. The inputs are left out: softmax's four terms cancel in their sum.
  for (const std::string_view layer : {"identity", "sigmoid", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu",
                                       "gelu_tanh", "softmax", "log_softmax"})
    for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
      const Sample sample = saturated(layer, "affine(4,2)");
      const Outcome expected = sample.run("double", "reference"), outcome = sample.run("double", strategy);
      for (Index i = 0; i < sample.network.parameters(); ++i) {
        INFO(strategy << " of " << layer << ", entry " << i);
        CHECK(std::abs(outcome.gradient.as_double(i) - expected.gradient.as_double(i)) <=
              512 * u * std::abs(expected.gradient.as_double(i)) + 0x1p-1074);
      }
    }
}

TEST_CASE("sizes: losses from logits of 1000 and -1000", "[core][sizes]") {
  const std::vector<double> logits{1000, -1000, 40, -40, 0.5};
  // The gradient's entries below e^-745 are 0 in double, e^-103 in float.
  for (double k = 0; k < 5; ++k) {
    check_against_reference(on_logits("identity(5)", "softmax_cross_entropy", logits, {k}), 64);
    check_against_reference(on_logits("identity(5)", "softmax_cross_entropy", {-1000, -1000, -1000, -1000, -1000}, {k}),
                            64);
    check_against_reference(on_logits("log_softmax(5)", "squared_error", logits, {0, 1, 0, 1, k}), 64);
    check_against_reference(on_logits("softmax(5)", "squared_error", logits, {0, 1, 0, 1, k}), 64);
  }
  for (const std::vector<double>& targets :
       {std::vector<double>{0, 0, 0, 0, 0}, {1, 1, 1, 1, 1}, {0, 1, 0, 1, 0}, {0.5, 0.25, 0.75, 0.5, 1}})
    check_against_reference(on_logits("identity(5)", "sigmoid_cross_entropy", logits, targets), 64);
  check_against_reference(on_logits("softmax(5)", "cross_entropy", logits, {0}), 64);
  check_against_reference(on_logits("sigmoid(2)", "binary_cross_entropy", {40, -40}, {1, 0}), 64);
  check_against_reference(on_logits("identity(2)", "squared_error", {1000, -1000}, {-1000, 1000}), 64);
}

TEST_CASE("sizes: a confident and right logit keeps its digits in the gradient", "[core][sizes]") {
  const auto entry = [](std::string_view loss, const std::vector<double>& x, const std::vector<double>& y, Index i) {
    return on_logits(x.size() == 1 ? "identity(1)" : "identity(2)", loss, x, y)
        .run("double", "reverse_vjp")
        .gradient.as_double(i);
  };
  CHECK(std::abs(entry("sigmoid_cross_entropy", {40}, {1}, 0) / -std::exp(-40.0) - 1) < 1e-15);
  CHECK(std::abs(entry("sigmoid_cross_entropy", {-40}, {0}, 0) / std::exp(-40.0) - 1) < 1e-15);
  CHECK(std::abs(entry("softmax_cross_entropy", {40, 0}, {0}, 0) / -std::exp(-40.0) - 1) < 1e-15);
}

TEST_CASE("sizes: probabilities that have rounded to 0 or 1 give infinity on the wrong side, as stated",
          "[core][sizes]") {
  const Sample composed = on_logits("sigmoid(1)", "binary_cross_entropy", {40}, {0});
  const Sample fused = on_logits("identity(1)", "sigmoid_cross_entropy", {40}, {0});
  CHECK(composed.run("double", "reverse_vjp").loss.as_double(0) == std::numeric_limits<double>::infinity());
  CHECK(fused.run("double", "reverse_vjp").loss.as_double(0) == 40);
  CHECK(std::abs(composed.run("double", "reference").loss.as_double(0) - 40) < 1e-14);
  const Sample vanished = on_logits("softmax(2)", "cross_entropy", {1000, -1000}, {1});
  const Sample kept = on_logits("identity(2)", "softmax_cross_entropy", {1000, -1000}, {1});
  CHECK(vanished.run("double", "reverse_vjp").loss.as_double(0) == std::numeric_limits<double>::infinity());
  CHECK(kept.run("double", "reverse_vjp").loss.as_double(0) == 2000);
}

}  // namespace backprove::test
