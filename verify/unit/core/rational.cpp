#include <algorithm>

#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// Rational arithmetic rounds nothing, so that different ways to the same gradient must agree in every digit.
namespace backprove::test {

namespace {

struct Case {
  std::string_view network;
  Index batch;
  std::uint64_t seed;
  Reduction reduction;
};

const std::vector<Case> cases{
    {"affine(1,1)", 1, 1, Reduction::mean},
    {"affine(3,2)", 4, 2, Reduction::sum},
    {"affine(2,5) relu", 3, 3, Reduction::mean},
    {"leaky_relu(4) affine(4,1)", 2, 4, Reduction::mean},
    {"affine(3,4) relu affine(4,2)", 5, 5, Reduction::mean},
    {"affine(3,4) leaky_relu affine(4,2)", 5, 6, Reduction::sum},
    {"affine(2,6) identity affine(6,3)", 1, 7, Reduction::mean},
    {"affine(5,1) relu affine(1,5)", 2, 8, Reduction::mean},
    {"affine(4,4) leaky_relu affine(4,1) leaky_relu affine(1,3)", 3, 9, Reduction::sum},
    {"residual(affine(3,3) relu)", 4, 10, Reduction::mean},
    {"affine(2,4) residual(affine(4,4) leaky_relu) affine(4,2)", 3, 11, Reduction::mean},
    {"affine(3,3) residual(relu) affine(3,2)", 2, 12, Reduction::sum},
    {"residual(affine(2,5) relu affine(5,2)) leaky_relu affine(2,3)", 4, 13, Reduction::mean},
    {"affine(2,3) residual(affine(3,3) residual(leaky_relu affine(3,3))) affine(3,1)", 2, 14, Reduction::mean},
    {"affine(6,3) relu affine(3,6) leaky_relu affine(6,2)", 5, 15, Reduction::mean},
    {"affine(1,4) leaky_relu affine(4,4) relu affine(4,1)", 3, 16, Reduction::sum},
    {"affine(3,3) leaky_relu affine(3,3) leaky_relu affine(3,3) leaky_relu affine(3,2)", 2, 17, Reduction::mean},
    {"affine(2,3) identity leaky_relu affine(3,4) relu identity affine(4,3) leaky_relu affine(3,2)", 1, 18,
     Reduction::mean},
    {"affine(4,2) relu affine(2,3) leaky_relu affine(3,2) leaky_relu affine(2,3) leaky_relu affine(3,2)", 2, 19,
     Reduction::sum},
    {"affine(2,2) leaky_relu affine(2,2) leaky_relu affine(2,2) leaky_relu affine(2,2) leaky_relu affine(2,2) "
     "leaky_relu affine(2,1)",
     1, 20, Reduction::mean},
    {"affine(3,2) residual(affine(2,2) relu) residual(affine(2,2) leaky_relu) affine(2,4) leaky_relu affine(4,2)", 3,
     21, Reduction::mean},
    {"affine(5,4) leaky_relu residual(identity) affine(4,3) residual(affine(3,1) relu affine(1,3))", 4, 22,
     Reduction::sum},
};

const std::vector<std::string_view> exact_strategies{
    "jacobian_structured", "jacobian_literal",           "jacobian_literal_dense", "jacobian_prefix",
    "jacobian_forward",    "jacobian_forward_kronecker", "jacobian_bracketed",     "reverse_vjp",
    "forward_mode",        "reverse_checkpointed",       "exact_rational"};

Sample sample_of(const Case& of) {
  return Sample(of.network, seeded(of.batch, of.seed), "squared_error", of.reduction);
}

/// Entries in which two outcomes' text differs: the loss is 0, gradient entry i is i + 1.
std::vector<std::size_t> differing(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    if (i >= a.size() || i >= b.size() || a[i] != b[i]) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("rational: all exact strategies give the same fractions on piecewise-linear networks", "[core][rational]") {
  REQUIRE(cases.size() >= 20);
  for (const Case& of : cases) {
    const Sample sample = sample_of(of);
    const Outcome expected = sample.run("cpp_rational", "reverse_vjp", {}, true);
    REQUIRE(expected.text.size() ==
            static_cast<std::size_t>(1 + sample.network.parameters() + sample.network.inputs() * of.batch));
    for (const std::string_view strategy : exact_strategies) {
      INFO(strategy << " of " << of.network);
      const Outcome outcome = sample.run("cpp_rational", strategy, {}, true);
      REQUIRE(outcome.unsupported.empty());
      CHECK(differing(outcome.text, expected.text).empty());
    }
    // The comparison would show nothing if all entries were 0.
    CHECK(std::count(expected.text.begin(), expected.text.end(), "0") <
          static_cast<std::ptrdiff_t>(expected.text.size() / 2));
  }
}

TEST_CASE("rational: central differences are exact too where no kink is crossed", "[core][rational]") {
  // The loss is a quadratic function of every single coordinate between two kinks.
  Index compared = 0, kinked = 0;
  for (const Case& of : cases) {
    const Sample sample = sample_of(of);
    const Outcome expected = sample.run("cpp_rational", "reverse_vjp", {}, true);
    const Outcome outcome = sample.run("cpp_rational", "central_difference", {}, true);
    REQUIRE(outcome.text.size() == expected.text.size());
    REQUIRE(outcome.kinked.size() + 1 == static_cast<Index>(expected.text.size()));
    for (Index i = 0; i < outcome.kinked.size(); ++i) {
      kinked += outcome.kinked(i);
      if (outcome.kinked(i) != 0) continue;
      ++compared;
      INFO("entry " << i << " of " << of.network);
      CHECK(outcome.text[static_cast<std::size_t>(i + 1)] == expected.text[static_cast<std::size_t>(i + 1)]);
      CHECK(outcome.truncation(i) == 0);
    }
  }
  CHECK(compared > 500);
  CHECK(kinked < compared / 20);
}

TEST_CASE("rational: a perturbation over a kink is flagged and gives another quotient", "[core][rational]") {
  Sample sample("relu(2) affine(2,1)", seeded(1, 3));
  sample.data.x << 0x1p-40, 0.75;  // the step, near 2^-20, leads past 0 from the first feature only
  const Outcome expected = sample.run("cpp_rational", "reverse_vjp", {}, true);
  const Outcome outcome = sample.run("cpp_rational", "central_difference", {}, true);
  const Index first = sample.network.parameters();
  CHECK(outcome.kinked(first) == 1);
  CHECK(outcome.kinked(first + 1) == 0);
  CHECK(differing(outcome.text, expected.text) == std::vector<std::size_t>{static_cast<std::size_t>(first + 1)});
}

TEST_CASE("rational: fractions that can be written down by hand", "[core][rational]") {
  // y = leaky_relu(w x + b), target t: w x + b = 1/2 * 3/2 - 5/4 = -1/2, y = -1/200, loss (y - 1)^2.
  Sample sample("affine(1,1) leaky_relu");
  sample.data.theta << 0.5, -1.25;
  sample.data.x << 1.5;
  sample.data.y << 1;
  const std::vector<std::string> expected{"40401/40000", "-603/20000", "-201/10000", "-201/20000"};
  for (const std::string_view strategy : exact_strategies) {
    INFO(strategy);
    CHECK(sample.run("cpp_rational", strategy, {}, true).text == expected);
  }
}

TEST_CASE("rational: a changed entry is noticed, however small the change", "[core][rational]") {
  const Sample sample = sample_of(cases[4]);
  const Outcome outcome = sample.run("cpp_rational", "jacobian_structured", {}, true);
  std::vector<std::string> changed = outcome.text;
  REQUIRE(changed.size() > 3);
  changed[3] = changed[2];
  CHECK(differing(changed, outcome.text) == std::vector<std::size_t>{3});
  // So is the last bit of one parameter.
  Sample other = sample;
  other.data.theta(0) = std::nextafter(other.data.theta(0), 2);
  const Outcome moved = other.run("cpp_rational", "jacobian_structured", {}, true);
  CHECK_FALSE(differing(moved.text, outcome.text).empty());
  CHECK(relative_difference(moved.gradient, outcome.gradient) < 1e-13);
}

TEST_CASE("rational: irrational functions are refused with their name", "[core][rational]") {
  for (const auto& [network, loss, reason] : std::vector<std::array<std::string_view, 3>>{
           {"affine(2,2) tanh", "squared_error", "tanh needs tanh"},
           {"affine(2,2) residual(layer_norm)", "squared_error", "layer_norm needs sqrt"},
           {"affine(2,2) relu", "softmax_cross_entropy", "softmax_cross_entropy needs exp"}}) {
    const Outcome outcome = Sample(network, seeded(1), loss).run("cpp_rational", "reverse_vjp", {}, true);
    INFO(outcome.unsupported);
    CHECK(outcome.unsupported.find(reason) != std::string::npos);
    CHECK(outcome.text.empty());
  }
}

}  // namespace backprove::test
