#include "core/revolve.hpp"

#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// Binomial checkpointing: the published numbers, and that the strategy evaluates exactly as many layers again.
namespace backprove::test {

namespace {

/// C(n, k), 0 for k < 0.
double binomial(Index n, Index k) {
  if (k < 0) return 0;
  double value = 1;
  for (Index i = 1; i <= k; ++i) value = value * static_cast<double>(n - k + i) / static_cast<double>(i);
  return value;
}
/// beta(s, r) = C(s + r, s).
double beta(Index s, Index r) { return r < 0 ? 0 : binomial(s + r, s); }

/// r l - beta(s + 1, r - 1), r the number of repetitions: beta(s, r - 1) < l <= beta(s, r).
double closed_form(Index l, Index s) {
  Index r = 0;
  while (beta(s, r) < static_cast<double>(l)) ++r;
  return static_cast<double>(r * l) - beta(s + 1, r - 1);
}

Options snapshots(Index count) {
  Options options;
  options.snapshots = count;
  return options;
}

double recomputed_layers(const Outcome& outcome) {
  for (const auto& extra : outcome.extras)
    if (extra.quantity == "recomputed_layers") return extra.value;
  return -1;
}

}  // namespace

TEST_CASE("revolve: published numbers of extra steps", "[core][revolve]") {
  for (const auto& [steps, extra] : std::vector<std::pair<Index, double>>{{10, 15}, {20, 45}, {35, 105}, {56, 210}})
    CHECK(Revolve(steps, 3).extra_steps(steps, 3) == extra);
}

TEST_CASE("revolve: the recurrence equals the closed form", "[core][revolve]") {
  const Revolve revolve(60, 6);
  for (Index l = 1; l <= 60; ++l)
    for (Index s = 1; s <= 6; ++s) {
      INFO(l << " steps, " << s << " snapshots");
      CHECK(revolve.extra_steps(l, s) == closed_form(l, s));
      if (l > 1 && s > 1) {
        // The advance chosen attains the minimum.
        const Index i = revolve.advance(l, s);
        REQUIRE(i >= 1);
        REQUIRE(i < l);
        CHECK(static_cast<double>(i) + revolve.extra_steps(i, s) + revolve.extra_steps(l - i, s - 1) ==
              revolve.extra_steps(l, s));
      }
    }
}

TEST_CASE("revolve: as many snapshots as steps repeat each step once less the last", "[core][revolve]") {
  for (Index l = 1; l <= 30; ++l) {
    CHECK(Revolve(l, l).extra_steps(l, l) == static_cast<double>(l - 1));
    CHECK(Revolve(l, 4 * l).extra_steps(l, 4 * l) == static_cast<double>(l - 1));
  }
}

TEST_CASE("revolve: reverse_checkpointed really evaluates that many layers again", "[core][revolve]") {
  // Equal layers, so that multiplications and functions of the value count the evaluations.
  constexpr Index n = 3;
  for (const Index layers : {1, 2, 7, 10, 20, 35})
    for (const Index s : {1, 2, 3, 5})
      for (const Index batch : {1, 4}) {
        INFO(layers << " layers, " << s << " snapshots, batch " << batch);
        std::string affine, tanh;
        for (Index l = 0; l < layers; ++l) {
          affine += "affine(3,3) ";
          tanh += "tanh(3) ";
        }
        const double extra = closed_form(layers, s), evaluations = static_cast<double>(layers) + extra;
        const Sample products(affine, seeded(batch)), functions(tanh, seeded(batch));
        const Outcome by_product = products.run("counting", "reverse_checkpointed", snapshots(s));
        const Outcome by_function = functions.run("counting", "reverse_checkpointed", snapshots(s));
        CHECK(static_cast<double>(by_product.counts[Term::value].multiplications) ==
              evaluations * static_cast<double>(n * n * batch));
        CHECK(static_cast<double>(by_function.counts[Term::value].functions) ==
              evaluations * static_cast<double>(n * batch));
        CHECK(recomputed_layers(by_product) == extra);

        // Nothing else changes: the reverse steps multiply as often, and give the same bits.
        const Outcome stored = products.run("counting", "reverse_vjp");
        CHECK(by_product.counts[Term::product] == stored.counts[Term::product]);
        CHECK(by_product.counts[Term::parameter_factor] == stored.counts[Term::parameter_factor]);
        CHECK(by_product.gradient.same_bits(stored.gradient));
        CHECK(by_product.loss.same_bits(stored.loss));
        CHECK(by_function.gradient.same_bits(functions.run("counting", "reverse_vjp").gradient));
      }
}

TEST_CASE("revolve: snapshots never change the gradient of a network with many kinds of layers", "[core][revolve]") {
  const Sample sample(
      "affine(4,7) tanh residual(affine(7,7) layer_norm relu) affine(7,5) layer_norm softmax gelu affine(5,3) "
      "log_softmax",
      seeded(5), "squared_error");
  for (const bool input_gradient : {false, true}) {
    Options options;
    options.input_gradient = input_gradient;
    const Outcome stored = sample.run("double", "reverse_vjp", options);
    for (Index s = 0; s <= sample.network.size() + 2; ++s) {
      options.snapshots = s;
      INFO(s << " snapshots, input gradient " << input_gradient);
      const Outcome outcome = sample.run("double", "reverse_checkpointed", options);
      CHECK(outcome.gradient.same_bits(stored.gradient));
      CHECK(outcome.loss.same_bits(stored.loss));
    }
  }
}

}  // namespace backprove::test
