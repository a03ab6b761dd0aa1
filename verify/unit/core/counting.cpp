#include "core/scalars/counting.hpp"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// The exact costs of every order of multiplication, counted and compared with their formulas as integers.
namespace backprove::test {

namespace {

/// n_0, ..., n_L of a chain affine tanh affine ... affine; the formulas count layers l from 1 to L as the paper does.
struct Chain {
  std::vector<std::int64_t> n;

  std::size_t depth() const { return n.size() - 1; }
  std::int64_t outputs() const { return n.back(); }
  /// n_{l-1} n_l: one product with W_l.
  std::int64_t weight(std::size_t l) const { return n[l - 1] * n[l]; }
  std::int64_t parameters(std::size_t l) const { return weight(l) + n[l]; }
  template <class F>
  std::int64_t sum(std::size_t from, std::size_t to, F&& f) const {
    std::int64_t total = 0;
    for (std::size_t l = from; l <= to; ++l) total += f(l);
    return total;
  }
  std::int64_t weights(std::size_t from, std::size_t to) const {
    return sum(from, to, [&](std::size_t l) { return weight(l); });
  }
  std::int64_t widths(std::size_t from, std::size_t to) const {
    return sum(from, to, [&](std::size_t l) { return n[l]; });
  }
  std::int64_t all_parameters() const {
    return sum(1, depth(), [&](std::size_t l) { return parameters(l); });
  }
  std::string text() const {
    std::string all;
    for (std::size_t l = 1; l < n.size(); ++l)
      all += fmt::format("{}affine({},{})", l > 1 ? " tanh " : "", n[l - 1], n[l]);
    return all;
  }
};

Chain uniform(std::size_t depth, std::int64_t n, std::int64_t c) {
  Chain chain{std::vector<std::int64_t>(depth, n)};
  chain.n.push_back(c);
  return chain;
}

/// Multiplications by what they are for.
struct Expected {
  std::int64_t product, parameter_factor, diagonal, cotangent;
};

Expected literal(const Chain& chain) {
  const std::int64_t c = chain.outputs();
  const std::size_t top = chain.depth();
  return {c * chain.sum(1, top - 1, [&](std::size_t l) { return chain.weights(l + 1, top - 1); }),
          c * chain.weights(1, top - 1),
          c * chain.sum(1, top - 1, [&](std::size_t l) { return static_cast<std::int64_t>(l) * chain.n[l]; }),
          c * chain.all_parameters()};
}

/// The same chains; every parameter factor but the last is a dense matrix n_l x P_l.
Expected literal_dense(const Chain& chain) {
  Expected expected = literal(chain);
  expected.parameter_factor = chain.outputs() * chain.sum(1, chain.depth() - 1, [&](std::size_t l) {
    return chain.n[l] * chain.parameters(l);
  });
  return expected;
}

Expected prefix(const Chain& chain) {
  const std::int64_t c = chain.outputs();
  const std::size_t top = chain.depth();
  return {c * chain.weights(2, top - 1), c * chain.weights(1, top - 1), c * chain.widths(1, top - 1),
          c * chain.all_parameters()};
}

/// Every layer's dense factor n_l x P_l goes through the activations l, ..., L-1 and the weights l+1, ..., L.
Expected forward(const Chain& chain) {
  const std::size_t top = chain.depth();
  return {chain.sum(1, top, [&](std::size_t l) { return chain.parameters(l) * chain.weights(l + 1, top); }), 0,
          chain.sum(1, top, [&](std::size_t l) { return chain.parameters(l) * chain.widths(l, top - 1); }),
          chain.outputs() * chain.all_parameters()};
}

/// The chain above l starts with the activation l as it is (n_l x n_l), then goes through W_{l+1}, f_{l+1}, ..., W_L.
Expected forward_kronecker(const Chain& chain) {
  const std::size_t top = chain.depth();
  return {chain.sum(1, top, [&](std::size_t l) { return chain.n[l] * chain.weights(l + 1, top); }),
          chain.outputs() * chain.weights(1, top - 1),
          chain.sum(1, top, [&](std::size_t l) { return chain.n[l] * chain.widths(l + 1, top - 1); }),
          chain.outputs() * chain.all_parameters()};
}

Expected reverse(const Chain& chain) {
  const std::size_t top = chain.depth();
  return {chain.weights(2, top), chain.weights(1, top), chain.widths(1, top - 1), 0};
}

Counts counted(const Chain& chain, std::string_view strategy, const Options& options = without_input_gradient()) {
  return Sample(chain.text()).run("counting", strategy, options).counts;
}

void check(const Chain& chain, std::string_view strategy, const Expected& expected) {
  INFO(strategy << " of " << chain.text());
  const Counts counts = counted(chain, strategy);
  CHECK(counts[Term::product].multiplications == expected.product);
  CHECK(counts[Term::parameter_factor].multiplications == expected.parameter_factor);
  CHECK(counts[Term::diagonal].multiplications == expected.diagonal);
  CHECK(counts[Term::cotangent].multiplications == expected.cotangent);
  // Multiplying by g adds up c products for every parameter.
  CHECK(counts[Term::cotangent].additions == expected.cotangent);
  CHECK(counts[Term::bias].multiplications == 0);
  CHECK(counts[Term::other] == Counts::Entry{});
  CHECK(counts[Term::value].multiplications == chain.weights(1, chain.depth()));
}

void check_all(const Chain& chain) {
  check(chain, "jacobian_literal", literal(chain));
  check(chain, "jacobian_literal_dense", literal_dense(chain));
  check(chain, "jacobian_prefix", prefix(chain));
  check(chain, "jacobian_forward_kronecker", forward_kronecker(chain));
  check(chain, "jacobian_forward", forward(chain));
  check(chain, "reverse_vjp", reverse(chain));
  check(chain, "jacobian_structured", reverse(chain));
}

std::int64_t chain_and_factors(const Counts& counts) {
  return counts[Term::product].multiplications + counts[Term::parameter_factor].multiplications;
}

const std::vector<Chain> mixed{{{7, 5, 9, 3, 4}}, {{12, 1, 6, 8, 2, 3}}, {{3, 20, 11, 6, 13, 2, 1}}};

}  // namespace

TEST_CASE("counting: every order multiplies as often as its formula says, for L, n and c", "[core][counting]") {
  for (const std::size_t depth : {2u, 4u, 8u, 16u, 32u, 64u})
    for (const std::int64_t n : {4, 8, 16})
      for (const std::int64_t c : {1, 3, 10}) check_all(uniform(depth, n, c));
}

TEST_CASE("counting: the same for mixed widths", "[core][counting]") {
  for (const Chain& chain : mixed) check_all(chain);
}

TEST_CASE("counting: the closed forms in L, n and c", "[core][counting]") {
  for (const std::int64_t L : {2, 4, 8, 16, 32, 64})
    for (const std::int64_t n : {4, 8, 16})
      for (const std::int64_t c : {1, 3, 10}) {
        INFO("L = " << L << ", n = " << n << ", c = " << c);
        const Chain chain = uniform(static_cast<std::size_t>(L), n, c);
        CHECK(chain_and_factors(counted(chain, "jacobian_literal")) == c * n * n * L * (L - 1) / 2);
        CHECK(chain_and_factors(counted(chain, "jacobian_prefix")) == c * n * n * (2 * L - 3));
        CHECK(chain_and_factors(counted(chain, "reverse_vjp")) == n * n * (2 * L - 3) + 2 * c * n);
        // A parameter factor kept dense adds c n^3 a layer.
        CHECK(chain_and_factors(counted(chain, "jacobian_literal_dense")) ==
              c * n * n * L * (L - 1) / 2 + (L - 1) * c * n * n * n);
      }
  for (const std::int64_t L : {2, 4, 8, 16, 32}) {
    const std::int64_t n = 8;
    const Chain square = uniform(static_cast<std::size_t>(L), n, n);
    CHECK(counted(square, "jacobian_forward")[Term::product].multiplications == n * n * (n * n + n) * L * (L - 1) / 2);
    CHECK(counted(square, "jacobian_forward_kronecker")[Term::product].multiplications == n * n * n * L * (L - 1) / 2);
  }
}

TEST_CASE("counting: literal over reverse at c = 10, n = 16 grows with the depth as tabulated", "[core][counting]") {
  const std::vector<std::pair<std::size_t, std::int64_t>> tenths{{2, 44},   {4, 96},   {8, 196},
                                                                 {16, 397}, {32, 797}, {64, 1597}};
  for (const auto& [depth, expected] : tenths) {
    const Chain chain = uniform(depth, 16, 10);
    const double ratio = static_cast<double>(chain_and_factors(counted(chain, "jacobian_literal"))) /
                         static_cast<double>(chain_and_factors(counted(chain, "reverse_vjp")));
    CHECK(std::llround(10 * ratio) == expected);
  }
}

TEST_CASE("counting: prefix over reverse tends to c from below", "[core][counting]") {
  double before = 0;
  for (const std::size_t depth : {2u, 4u, 8u, 16u, 32u, 64u, 128u}) {
    const Chain chain = uniform(depth, 16, 10);
    const double ratio = static_cast<double>(chain_and_factors(counted(chain, "jacobian_prefix"))) /
                         static_cast<double>(chain_and_factors(counted(chain, "reverse_vjp")));
    CHECK(ratio > before);
    CHECK(ratio < 10);
    before = ratio;
  }
  CHECK(before > 9.8);
}

TEST_CASE("counting: loss and gradient cost 3 - r losses, 3 with the input gradient", "[core][counting]") {
  for (const Chain& chain : mixed)
    for (const Index batch : {1, 5}) {
      const Sample sample(chain.text(), seeded(batch));
      const Counts without = sample.run("counting", "reverse_vjp", without_input_gradient()).counts;
      const Counts with = sample.run("counting", "reverse_vjp").counts;
      const std::int64_t loss = batch * chain.weights(1, chain.depth());
      CHECK(without[Term::value].multiplications == loss);
      CHECK(loss + chain_and_factors(without) == 3 * loss - batch * chain.weight(1));
      CHECK(loss + chain_and_factors(with) == 3 * loss);
    }
}

TEST_CASE("counting: the bias needs sums alone, one addition an output and sample", "[core][counting]") {
  for (const Chain& chain : mixed)
    for (const Index batch : {1, 5})
      for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured", "reverse_checkpointed"}) {
        INFO(strategy << ", batch " << batch);
        const Counts counts =
            Sample(chain.text(), seeded(batch)).run("counting", strategy, without_input_gradient()).counts;
        CHECK(counts[Term::bias] == Counts::Entry{0, batch * chain.widths(1, chain.depth()), 0, 0});
      }
}

TEST_CASE("counting: an activation's own derivative and value are counted apart", "[core][counting]") {
  const Chain chain = mixed.front();
  const std::int64_t activations = chain.widths(1, chain.depth() - 1);
  const Counts reverse_counts = counted(chain, "reverse_vjp");
  CHECK(reverse_counts[Term::slope] == Counts::Entry{activations, activations, 0, 0});  // 1 - y y
  CHECK(reverse_counts[Term::value].functions == activations);
  CHECK(counted(chain, "jacobian_literal")[Term::slope] == Counts::Entry{activations, 2 * activations, 0, 0});
}

TEST_CASE("counting: the costs predicted for reverse mode are the counted ones", "[core][counting]") {
  // The prediction is of all products after the forward sweep, so it holds the activations' diagonals too.
  std::vector<Chain> chains = mixed;
  for (const std::size_t depth : {2u, 4u, 8u, 16u, 32u, 64u})
    for (const std::int64_t n : {4, 8, 16})
      for (const std::int64_t c : {1, 3, 10}) chains.push_back(uniform(depth, n, c));
  for (const Chain& chain : chains)
    for (const bool input_gradient : {false, true})
      for (const Index batch : {1, 3})
        for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
          INFO(strategy << " of " << chain.text() << ", batch " << batch << ", input gradient " << input_gradient);
          const Sample sample(chain.text(), seeded(batch));
          Options options;
          options.input_gradient = input_gradient;
          const Cost predicted = strategy_named(strategy).predict({sample.network, batch, input_gradient, 1});
          const Counts counts = sample.run("counting", strategy, options).counts;
          const std::int64_t diagonals = batch * chain.widths(1, chain.depth() - 1);
          CHECK(counts[Term::diagonal].multiplications == diagonals);
          CHECK(predicted.multiplications == static_cast<double>(chain_and_factors(counts) + diagonals));
        }
}

TEST_CASE("counting: the costs predicted for explicit products hold the counted ones", "[core][counting]") {
  // Predictions guard limits, so they include the product with g, and stay within a small factor of what is counted.
  for (const Chain& chain : mixed)
    for (const std::string_view strategy : {"jacobian_literal", "jacobian_literal_dense", "jacobian_prefix",
                                            "jacobian_forward", "jacobian_forward_kronecker"}) {
      INFO(strategy << " of " << chain.text());
      const Sample sample(chain.text());
      const double predicted = strategy_named(strategy).predict({sample.network, 1, false, 1}).multiplications;
      const auto products = static_cast<double>(chain_and_factors(counted(chain, strategy)));
      CHECK(predicted >= products);
      CHECK(predicted <= 4 * products + static_cast<double>(2 * chain.outputs() * chain.all_parameters()));
    }
}

}  // namespace backprove::test
