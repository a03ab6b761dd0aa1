#include "core/bracketing.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// The order of a Jacobian chain's products: published optima, every order tried, and what the strategy does with it.
namespace backprove::test {

namespace {

constexpr double impossible = std::numeric_limits<double>::infinity();

using Factors = std::vector<ChainFactor>;

Bracketing bracketing(const Factors& factors) {
  Bracketing chain;
  for (const ChainFactor& factor : factors) chain.append(factor);
  return chain;
}
double optimum(const Factors& factors) { return bracketing(factors).cost(); }

/// The cost of every way to form the factors [i, j] as one matrix, tried one by one without a table.
std::vector<double> every_cost(const Factors& factors, std::size_t i, std::size_t j) {
  if (i == j) return {factors[i].write_out};
  std::vector<double> all;
  for (std::size_t k = i; k < j; ++k) {
    const std::vector<double> left = every_cost(factors, i, k), right = every_cost(factors, k + 1, j);
    const double product = factors[i].rows * factors[k].cols * factors[j].cols;
    for (const double l : left)
      for (const double r : right) all.push_back(l + r + product);
    double pushed = 0, pulled = 0;
    for (std::size_t at = i; at <= k; ++at) pushed += factors[at].apply;
    for (std::size_t at = k + 1; at <= j; ++at) pulled += factors[at].apply;
    if (pushed < impossible)
      for (const double r : right) all.push_back(r + factors[j].cols * pushed);
    if (pulled < impossible)
      for (const double l : left) all.push_back(l + factors[i].rows * pulled);
  }
  return all;
}
std::vector<double> every_cost(const Factors& factors) { return every_cost(factors, 0, factors.size() - 1); }

/// What the chosen brackets cost when they are carried out.
double carried_out(const Bracketing& chain, const Factors& factors, Index i, Index j) {
  const Bracket& b = chain.bracket(i, j);
  const auto factor = [&](Index k) -> const ChainFactor& { return factors[static_cast<std::size_t>(k)]; };
  double cost = 0;
  switch (b.kind) {
    case Bracket::Kind::factor:
      return factor(i).write_out;
    case Bracket::Kind::split:
      return carried_out(chain, factors, i, b.at) + carried_out(chain, factors, b.at + 1, j) +
             factor(i).rows * factor(b.at).cols * factor(j).cols;
    case Bracket::Kind::push_forward:
      for (Index k = i; k <= b.at; ++k) cost += factor(j).cols * factor(k).apply;
      return cost + carried_out(chain, factors, b.at + 1, j);
    case Bracket::Kind::pull_back:
      for (Index k = b.at + 1; k <= j; ++k) cost += factor(i).rows * factor(k).apply;
      return cost + carried_out(chain, factors, i, b.at);
  }
  return impossible;
}

/// The same factors, only as programs that run over an identity matrix from the input side or the output side.
double by_tangents(Factors factors) {
  for (ChainFactor& factor : factors) factor.write_out = impossible;
  factors.push_back(ChainFactor::matrix(factors.back().cols, factors.back().cols));
  return optimum(factors);
}
double by_adjoints(Factors factors) {
  for (ChainFactor& factor : factors) factor.write_out = impossible;
  factors.insert(factors.begin(), ChainFactor::matrix(factors.front().rows, factors.front().rows));
  return optimum(factors);
}
/// Every factor written out by its own cheaper mode, then dense products.
double by_preaccumulation(Factors factors) {
  for (ChainFactor& factor : factors) factor.apply = impossible;
  return optimum(factors);
}

/// (3 3 29), (1 3 14), (2 1 7) in the order in which they act; the chain is written from the output side.
const Factors published{ChainFactor::program(2, 1, 7), ChainFactor::program(1, 3, 14), ChainFactor::program(3, 3, 29)};

Factors dense(const std::vector<double>& widths) {
  Factors factors;
  for (std::size_t k = 0; k + 1 < widths.size(); ++k) factors.push_back(ChainFactor::matrix(widths[k], widths[k + 1]));
  return factors;
}

}  // namespace

TEST_CASE("bracketing: the published chain of three factors", "[core][bracketing]") {
  const Factors matrices = dense({2, 1, 3, 3});
  CHECK(optimum(matrices) == 15);
  CHECK(worst_dense_bracketing(matrices) == 24);
  CHECK(optimum(published) == 56);
  CHECK(by_tangents(published) == 150);
  CHECK(by_adjoints(published) == 100);
  CHECK(by_preaccumulation(published) == 123);
}

TEST_CASE("bracketing: ADMission's problem R2", "[core][bracketing]") {
  // Naumann, arXiv 2406.11862; the graph R2 of the reference implementation. It is no single chain: two paths lead from
  // the inputs (76) to the narrow state (8), and one more from the inputs past it to the state of 86 numbers. What lies
  // between two such joints is a chain; the published optimum joins as soon as it can, so the chains' optima add up.
  const double upper_path = optimum(dense({8, 50, 76, 76})), lower_path = optimum(dense({8, 34, 76}));
  const double from_narrow = optimum(dense({86, 8, 76})), to_output = optimum(dense({57, 57, 86, 76}));
  CHECK(upper_path == 30400 + 46208);
  CHECK(lower_path == 20672);
  CHECK(from_narrow == 52288);
  CHECK(to_output == 372552 + 246924);
  CHECK(upper_path + lower_path + from_narrow + to_output == 769044);

  // Local preaccumulation: every elemental Jacobian by its cheaper mode, with the graph's own costs a tangent and
  // adjoint.
  struct Edge {
    double from, to, tangent, adjoint;
  };
  const std::vector<Edge> edges{{76, 86, 2576, 3333}, {57, 57, 945, 3154},  {76, 34, 524, 490},
                                {34, 8, 57, 48},      {76, 76, 5330, 5683}, {76, 50, 1383, 1214},
                                {50, 8, 195, 142},    {8, 86, 5230, 6879},  {86, 57, 200, 2124}};
  double written_out = 0;
  Factors entries;  // as matrices that are there, each applied entry by entry
  for (const Edge& e : edges) {
    const ChainFactor tangent{e.to, e.from, impossible, e.tangent * e.from},
        adjoint{e.to, e.from, impossible, e.adjoint * e.to};
    written_out += std::min(optimum({tangent}), optimum({adjoint}));
    entries.push_back(ChainFactor::program(e.to, e.from, e.to * e.from));
  }
  CHECK(written_out == 792641);
  // The homogeneous modes send 76 tangents or 57 adjoints through all of them.
  double tangents = 0, adjoints = 0;
  for (const ChainFactor& factor : entries) {
    tangents += optimum({{factor.rows, factor.cols, factor.apply, impossible}, ChainFactor::matrix(factor.cols, 76)});
    adjoints += optimum({ChainFactor::matrix(57, factor.rows), {factor.rows, factor.cols, factor.apply, impossible}});
  }
  CHECK(tangents == 2143732);
  CHECK(adjoints == 1607799);
}

TEST_CASE("bracketing: no order of up to 7 dense factors is better or worse than said", "[core][bracketing]") {
  std::mt19937 random(5);
  for (std::size_t length = 1; length <= 7; ++length)
    for (int repeat = 0; repeat < 40; ++repeat) {
      std::vector<double> widths(length + 1);
      for (double& width : widths) width = 1 + static_cast<double>(random() % (repeat % 2 == 0 ? 9 : 60));
      const Factors factors = dense(widths);
      const std::vector<double> costs = every_cost(factors);
      std::size_t catalan = 1;  // the number of orders: 1, 1, 2, 5, 14, 42, 132
      for (std::size_t k = 0; k + 1 < length; ++k) catalan = catalan * 2 * (2 * k + 1) / (k + 2);
      REQUIRE(costs.size() == catalan);
      CHECK(optimum(factors) == *std::min_element(costs.begin(), costs.end()));
      CHECK(worst_dense_bracketing(factors) == *std::max_element(costs.begin(), costs.end()));
    }
}

TEST_CASE("bracketing: nor of up to 6 programs, and the brackets cost what they say", "[core][bracketing]") {
  std::mt19937 random(6);
  for (std::size_t length = 1; length <= 6; ++length)
    for (int repeat = 0; repeat < 25; ++repeat) {
      Factors factors;
      double rows = 1 + static_cast<double>(random() % 8);
      for (std::size_t k = 0; k < length; ++k) {
        const double cols = 1 + static_cast<double>(random() % 8);
        factors.push_back(
            random() % 4 == 0
                ? ChainFactor::matrix(rows, cols)
                : ChainFactor::program(rows, cols, std::max(rows, cols) + static_cast<double>(random() % 60)));
        rows = cols;
      }
      const std::vector<double> costs = every_cost(factors);
      const Bracketing chain = bracketing(factors);
      CHECK(chain.cost() == *std::min_element(costs.begin(), costs.end()));
      CHECK(carried_out(chain, factors, 0, chain.size() - 1) == chain.cost());
      CHECK(chain.cost() <= std::min({by_tangents(factors), by_adjoints(factors), by_preaccumulation(factors)}));
    }
}

TEST_CASE("bracketing: a column for one more factor is what appending it would give", "[core][bracketing]") {
  Bracketing chain = bracketing(published);
  const ChainFactor next = ChainFactor::program(3, 5, 20);
  const std::vector<Bracket> column = chain.column(chain.size(), next);
  chain.append(next);
  REQUIRE(column.size() == 4);
  for (Index i = 0; i < 4; ++i) {
    CHECK(column[static_cast<std::size_t>(i)].cost == chain.bracket(i, 3).cost);
    CHECK(column[static_cast<std::size_t>(i)].kind == chain.bracket(i, 3).kind);
    CHECK(column[static_cast<std::size_t>(i)].at == chain.bracket(i, 3).at);
  }
}

TEST_CASE("bracketing: for a scalar loss reverse order loses only at width 1 or a scalar input", "[core][bracketing]") {
  // g^T times the chain of an input Jacobian alone; reverse order costs the sum of all matrices' entries.
  const auto reverse = [](const std::vector<double>& widths) {
    double sum = 0;
    for (std::size_t k = 1; k + 1 < widths.size(); ++k) sum += widths[k] * widths[k + 1];
    return sum;
  };
  std::mt19937 random(7);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<double> widths{1};
    for (std::size_t k = 0; k < 2 + random() % 6; ++k) widths.push_back(2 + static_cast<double>(random() % 12));
    CHECK(optimum(dense(widths)) == reverse(widths));
  }
  const std::vector<double> bottleneck{1, 3, 8, 1, 8, 5}, scalar_input{1, 3, 8, 1};
  CHECK(reverse(bottleneck) == 24 + 8 + 8 + 40);
  CHECK(optimum(dense(bottleneck)) == (24 + 3) + (40 + 5));  // both sides of the 1 first, then 3 and 5 products with g
  CHECK(reverse(scalar_input) == 24 + 8);
  CHECK(optimum(dense(scalar_input)) == 24 + 3);
}

TEST_CASE("bracketing: without a bottleneck jacobian_bracketed multiplies in reverse order", "[core][bracketing]") {
  for (const std::string_view text :
       {"affine(5,7) tanh affine(7,9) tanh affine(9,4)", "affine(6,3) relu affine(3,12) tanh affine(12,2)"})
    for (const bool input_gradient : {false, true}) {
      INFO(text << ", input gradient " << input_gradient);
      Options options;
      options.input_gradient = input_gradient;
      const Sample sample(text);
      const Counts bracketed = sample.run("counting", "jacobian_bracketed", options).counts;
      const Counts reverse = sample.run("counting", "reverse_vjp", options).counts;
      for (const Term term : {Term::product, Term::parameter_factor, Term::diagonal, Term::cotangent})
        CHECK(bracketed[term].multiplications == reverse[term].multiplications);
      // The prediction takes a block's factor to cost one multiplication a parameter, the bias's included.
      Index biases = 0;
      for (Index l = 0; l < sample.network.size(); ++l)
        if (sample.network.parameters(l) > 0) biases += sample.network.width(l + 1);
      const Cost predicted = strategy_named("jacobian_bracketed").predict({sample.network, 1, input_gradient, 1});
      CHECK(predicted.multiplications == static_cast<double>(bracketed[Term::product].multiplications +
                                                             bracketed[Term::parameter_factor].multiplications +
                                                             bracketed[Term::diagonal].multiplications + biases));
    }
}

TEST_CASE("bracketing: every kind of bracket gives the right gradient", "[core][bracketing]") {
  // Narrow layers make the plan split and push forward; the gradient must not depend on it.
  for (const std::string_view text :
       {"affine(8,1) tanh affine(1,8) tanh affine(8,3)", "affine(1,8) tanh affine(8,8) softplus affine(8,1)",
        "affine(8,6) tanh affine(6,1) silu affine(1,8) tanh tanh tanh affine(8,4)",
        "affine(1,8) softmax softmax affine(8,1)",
        "affine(2,1) affine(1,1) affine(1,9) residual(affine(9,1) tanh affine(1,9)) layer_norm affine(9,2)"})
    for (const Index batch : {1, 4}) {
      INFO(text << ", batch " << batch);
      const Sample sample(text, seeded(batch));
      const Outcome expected = sample.run("double", "reference");
      CHECK(relative_difference(sample.run("double", "jacobian_bracketed").gradient, expected.gradient) < 1e-13);
    }
  // In a narrow network the products differ from reverse order, else the above would show nothing.
  const Sample narrow("affine(1,8) tanh affine(8,8) softplus affine(8,1)");
  CHECK(narrow.run("counting", "jacobian_bracketed").counts[Term::product].multiplications !=
        narrow.run("counting", "reverse_vjp").counts[Term::product].multiplications);
}

}  // namespace backprove::test
