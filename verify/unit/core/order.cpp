#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// Where each parameter's derivative stands in the flat gradient, from values worked out by hand.
namespace backprove::test {

namespace {

const std::vector<std::string_view> all_ways{
    "jacobian_literal",    "jacobian_literal_dense",     "jacobian_prefix", "jacobian_forward",
    "jacobian_structured", "jacobian_bracketed",         "reverse_vjp",     "reverse_checkpointed",
    "forward_mode",        "jacobian_forward_kronecker", "reference",       "exact_rational"};

/// Small whole numbers and fractions of two: exact in double for every strategy that does not round its own way.
void check(const Sample& sample, const std::vector<double>& expected) {
  REQUIRE(static_cast<Index>(expected.size()) ==
          sample.network.parameters() + sample.network.inputs() * sample.batch());
  for (const std::string_view strategy : all_ways) {
    const Outcome outcome = sample.run("double", strategy);
    if (!outcome.unsupported.empty()) continue;
    INFO(strategy);
    REQUIRE(outcome.gradient.size() == static_cast<Index>(expected.size()));
    for (Index i = 0; i < outcome.gradient.size(); ++i) {
      INFO("entry " << i);
      CHECK(outcome.gradient.as_double(i) == expected[static_cast<std::size_t>(i)]);
    }
  }
}

/// affine(3,2) with W (one column a neuron) = [1 4; 2 5; 3 6], b = (7, 8), x = (1, 10, 100), y = (0, 0).
Sample affine() {
  Sample sample("affine(3,2)");
  sample.data.theta << 1, 2, 3, 4, 5, 6, 7, 8;
  sample.data.x << 1, 10, 100;
  sample.data.y << 0, 0;
  return sample;
}

}  // namespace

TEST_CASE("order: affine reads its weight as n_out rows of n_in, then the bias", "[core][order]") {
  const Sample sample = affine();
  // z = (1 + 20 + 300 + 7, 4 + 50 + 600 + 8) = (328, 662), and the loss is z_1^2 + z_2^2.
  CHECK(sample.run("double", "reverse_vjp").loss.as_double(0) == 328.0 * 328 + 662.0 * 662);
}

TEST_CASE("order: affine's gradient is PyTorch's rows and the paper's Vec at once", "[core][order]") {
  const double g1 = 2 * 328, g2 = 2 * 662;
  const std::vector<double> x{1, 10, 100};
  // PyTorch: weight.grad = g x^T (2 x 3) row by row, then bias.grad = g.
  std::vector<double> pytorch;
  for (const double g : {g1, g2})
    for (const double feature : x) pytorch.push_back(g * feature);
  pytorch.insert(pytorch.end(), {g1, g2});
  // The paper: W is 3 x 2 with one column per neuron, its gradient x g^T; Vec stacks the columns, then comes b.
  std::vector<double> vec(8);
  for (std::size_t neuron = 0; neuron < 2; ++neuron) {
    for (std::size_t feature = 0; feature < 3; ++feature)
      vec[neuron * 3 + feature] = x[feature] * (neuron == 0 ? g1 : g2);
    vec[6 + neuron] = neuron == 0 ? g1 : g2;
  }
  REQUIRE(pytorch == vec);
  std::vector<double> expected{656, 6560, 65600, 1324, 13240, 132400, 656, 1324};
  REQUIRE(pytorch == expected);
  // By x: W g = (1 656 + 4 1324, 2 656 + 5 1324, 3 656 + 6 1324).
  expected.insert(expected.end(), {5952, 7932, 9912});
  check(affine(), expected);
}

TEST_CASE("order: layers follow the text, and inputs follow sample by sample", "[core][order]") {
  // affine(2,1) W = (1, 2), b = 3; affine(1,2) W = (4 5), b = (6, 7); two samples, sum of the losses.
  Sample sample("affine(2,1) affine(1,2)", seeded(2), "squared_error", Reduction::sum);
  sample.data.theta << 1, 2, 3, 4, 5, 6, 7;
  sample.data.x << 1, 0,  // columns are the samples (1, -1) and (0, 2)
      -1, 2;
  sample.data.y << 14, 30, 15, 40;
  // Sample 1: h = 2, z = (14, 17), g = (0, 4), h_bar = 20. Sample 2: h = 7, z = (34, 42), g = (8, 4), h_bar = 52.
  const std::vector<double> first{1 * 20 + 0 * 52, -1 * 20 + 2 * 52, 20 + 52};
  const std::vector<double> second{2 * 0 + 7 * 8, 2 * 4 + 7 * 4, 0 + 8, 4 + 4};
  std::vector<double> expected = first;
  expected.insert(expected.end(), second.begin(), second.end());
  expected.insert(expected.end(), {20 * 1, 20 * 2, 52 * 1, 52 * 2});
  check(sample, expected);
}

TEST_CASE("order: layer_norm has its gain first, then its shift", "[core][order]") {
  Sample sample("layer_norm(2)");
  sample.data.theta << 3, 5, 7, 11;
  sample.data.x << 1, 4;
  sample.data.y << 0, 0;
  // mean 5/2, variance 9/4: h = (-h, h) with h = 1.5/sqrt(2.25 + 1e-5).
  const double h = 1.5 / std::sqrt(2.25 + 1e-5), z1 = 7 - 3 * h, z2 = 11 + 5 * h;
  const std::vector<double> expected{2 * z1 * -h, 2 * z2 * h, 2 * z1, 2 * z2};
  for (const std::string_view strategy : all_ways) {
    const Outcome outcome = sample.run("double", strategy);
    if (!outcome.unsupported.empty()) continue;
    INFO(strategy);
    for (Index i = 0; i < 4; ++i)
      CHECK(std::abs(outcome.gradient.as_double(i) - expected[static_cast<std::size_t>(i)]) < 1e-13);
    CHECK(std::abs(outcome.loss.as_double(0) - (z1 * z1 + z2 * z2)) < 1e-12);
  }
}

TEST_CASE("order: a residual's parameters are its sub-network's, where it stands", "[core][order]") {
  // affine(1,1) (w = 2, b = 1), residual(affine(1,1) (w = 3, b = -2) affine(1,1) (w = -1, b = 4)), affine(1,1) (w = 5,
  // b = 6).
  Sample sample("affine(1,1) residual(affine(1,1) affine(1,1)) affine(1,1)");
  sample.data.theta << 2, 1, 3, -2, -1, 4, 5, 6;
  sample.data.x << 1;
  sample.data.y << 0;
  // a = 3, inside: 7, then -3; a' = 3 - 3 = 0; z = 6; g = 12, a'_bar = 60, inside: -60, then a_bar = 60 + 3 (-60) =
  // -120.
  check(sample, {-120 * 1, -120, -60 * 3, -60, 60 * 7, 60, 12 * 0, 12, -120 * 2});
}

TEST_CASE("order: residuals inside residuals keep the order of the text", "[core][order]") {
  // The gradient with respect to each parameter is that of the same network with the parameter moved a little.
  Sample sample("affine(2,3) residual(affine(3,2) residual(layer_norm(2) affine(2,2)) affine(2,3)) affine(3,1)",
                seeded(3, 4));
  CHECK(sample.network.parameters() == 9 + (8 + (4 + 6) + 9) + 4);
  const Outcome gradient = sample.run("double", "reverse_vjp");
  for (Index i = 0; i < sample.network.parameters(); ++i) {
    constexpr double step = 0x1p-18;
    Sample up = sample, down = sample;
    up.data.theta(i) += step;
    down.data.theta(i) -= step;
    const double quotient =
        (up.run("double", "reverse_vjp").loss.as_double(0) - down.run("double", "reverse_vjp").loss.as_double(0)) /
        (2 * step);
    INFO("parameter " << i);
    CHECK(std::abs(quotient - gradient.gradient.as_double(i)) < 1e-7 * largest(gradient.gradient));
  }
}

}  // namespace backprove::test
