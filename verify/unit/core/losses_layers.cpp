#include <array>

#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// Every layer and loss against closed forms and published values: the definitions are those of PyTorch's layers of the
/// same names, with a biased variance and eps = 1e-5, slope 0.01, alpha = 1, and softplus without its threshold.
namespace backprove::test {

namespace {

/// Absolute error allowed where a value is recovered from a few operations on numbers near 1.
constexpr double rounding = 1e-14;

bool near(double got, double expected, double tolerance = rounding) {
  return std::abs(got - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

/// Value and Jacobian of a layer at x, read off the squared error: with the targets 0 and e_i the losses differ by
/// 2 z_i - 1, and their gradients by twice row i of the Jacobian (parameters, then inputs).
struct Evaluated {
  Vector<double> z;
  Matrix<double> by_parameters, by_input;
};
Evaluated evaluate(std::string_view text, const std::vector<double>& x, const std::vector<double>& theta = {},
                   std::string_view strategy = "reverse_vjp") {
  Sample sample(text);
  for (std::size_t i = 0; i < theta.size(); ++i) sample.data.theta(static_cast<Index>(i)) = theta[i];
  for (std::size_t i = 0; i < x.size(); ++i) sample.data.x(static_cast<Index>(i)) = x[i];
  const Index n = sample.network.outputs(), parameters = sample.network.parameters(), inputs = sample.network.inputs();
  Evaluated all{Vector<double>(n), Matrix<double>(n, parameters), Matrix<double>(n, inputs)};
  sample.data.y.setZero();
  const Outcome zero = sample.run("double", strategy);
  for (Index i = 0; i < n; ++i) {
    sample.data.y.setZero();
    sample.data.y(i) = 1;
    const Outcome one = sample.run("double", strategy);
    all.z(i) = (zero.loss.as_double(0) - one.loss.as_double(0) + 1) / 2;
    for (Index k = 0; k < parameters + inputs; ++k)
      (k < parameters ? all.by_parameters(i, k) : all.by_input(i, k - parameters)) =
          (zero.gradient.as_double(k) - one.gradient.as_double(k)) / 2;
  }
  return all;
}

/// Checks f and f' of an elementwise layer at one point, by the VJP and by the Jacobian.
void check(const std::string& name, double x, double value, double slope, double tolerance = rounding) {
  for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
    INFO(name << "(" << x << ") by " << strategy);
    const Evaluated all = evaluate(name + "(1)", {x}, {}, strategy);
    CHECK(near(all.z(0), value, tolerance));
    CHECK(near(all.by_input(0, 0), slope, tolerance));
  }
}

const std::vector<double> points{-2.5, -1, -0.5, -0.01, 0.01, 0.5, 1, 2.5};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double normal_cdf(double x) { return (1 + std::erf(x / std::sqrt(2.0))) / 2; }
double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)); }

/// Loss and its gradient by z, with z as the inputs of an identity layer.
struct LossAt {
  double value;
  std::vector<double> gradient;
};
LossAt loss_at(std::string_view loss, const std::vector<std::vector<double>>& z,
               const std::vector<std::vector<double>>& y, Reduction reduction = Reduction::sum) {
  const auto n = static_cast<Index>(z.front().size());
  Sample sample("identity(" + std::to_string(n) + ")", seeded(static_cast<Index>(z.size())), loss, reduction);
  for (std::size_t s = 0; s < z.size(); ++s) {
    for (std::size_t i = 0; i < z[s].size(); ++i) sample.data.x(static_cast<Index>(i), static_cast<Index>(s)) = z[s][i];
    for (std::size_t i = 0; i < y[s].size(); ++i) sample.data.y(static_cast<Index>(i), static_cast<Index>(s)) = y[s][i];
  }
  const Outcome outcome = sample.run("double", "reverse_vjp");
  LossAt at{outcome.loss.as_double(0), {}};
  for (Index i = 0; i < outcome.gradient.size(); ++i) at.gradient.push_back(outcome.gradient.as_double(i));
  return at;
}
void check(const LossAt& at, double value, const std::vector<double>& gradient, double tolerance = rounding) {
  CHECK(near(at.value, value, tolerance));
  REQUIRE(at.gradient.size() == gradient.size());
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    INFO("entry " << i);
    CHECK(near(at.gradient[i], gradient[i], tolerance));
  }
}

}  // namespace

TEST_CASE("layers: elementwise layers are their closed forms", "[core][layers]") {
  for (const double x : points) {
    const double s = logistic(x), t = std::tanh(x), e = std::exp(x);
    check("identity", x, x, 1);
    check("sigmoid", x, s, s * (1 - s));
    check("tanh", x, t, 1 - t * t);
    check("relu", x, x > 0 ? x : 0, x > 0 ? 1 : 0);
    check("leaky_relu", x, x > 0 ? x : 0.01 * x, x > 0 ? 1 : 0.01);
    check("elu", x, x > 0 ? x : e - 1, x > 0 ? 1 : e);
    check("softplus", x, std::log(1 + e), s);
    check("silu", x, x * s, s + x * s * (1 - s));
    check("gelu", x, x * normal_cdf(x), normal_cdf(x) + x * normal_density(x));
    const double c = std::sqrt(2 / std::acos(-1.0)), v = std::tanh(c * (x + 0.044715 * x * x * x));
    check("gelu_tanh", x, x * (1 + v) / 2, (1 + v) / 2 + x / 2 * (1 - v * v) * c * (1 + 3 * 0.044715 * x * x));
  }
}

TEST_CASE("layers: at their kinks they take PyTorch's side", "[core][layers]") {
  check("relu", 0, 0, 0);
  check("leaky_relu", 0, 0, 0.01);
  check("elu", 0, 0, 1);
}

TEST_CASE("layers: published values of both GELUs, SiLU and softplus to 6 digits", "[core][layers]") {
  const auto value = [](const std::string& name, double x, double expected) {
    INFO(name << "(" << x << ")");
    CHECK(std::abs(evaluate(name + "(1)", {x}).z(0) - expected) < 0.6e-6);
  };
  value("gelu", 1, 0.841345);
  value("gelu", -1, -0.158655);
  value("gelu", 2, 1.954500);
  value("gelu", 0.5, 0.345731);
  value("gelu", -0.5, -0.154269);
  value("gelu", 3, 2.995950);
  value("gelu_tanh", 1, 0.841192);
  value("gelu_tanh", -1, -0.158808);
  value("gelu_tanh", 2, 1.954598);
  value("gelu_tanh", 0.5, 0.345714);
  value("gelu_tanh", 3, 2.996363);
  value("silu", 1, 0.731059);
  value("silu", -1, -0.268941);
  value("softplus", 0, 0.693147);
  value("softplus", 1, 1.313262);
  value("elu", -1, -0.632121);
  value("sigmoid", 1, 0.731059);
  value("tanh", 1, 0.761594);
}

TEST_CASE("layers: softplus is exact beyond PyTorch's threshold of 20", "[core][layers]") {
  // PyTorch returns x there; the last 2e-9 (x = 20) and 9e-14 (x = 30) are kept here.
  const auto loss_of = [](double x, double target) {
    Sample sample("softplus(1)");
    sample.data.x << x;
    sample.data.y << target;
    return std::sqrt(sample.run("long_double", "reverse_vjp").loss.as_double(0));
  };
  CHECK(std::abs(loss_of(20, 20) / std::log1p(std::exp(-20.0)) - 1) < 1e-8);
  CHECK(std::abs(loss_of(30, 30) / std::log1p(std::exp(-30.0)) - 1) < 1e-4);
}

TEST_CASE("layers: softmax and log_softmax", "[core][layers]") {
  const std::vector<double> x{0.5, -1, 2, 0};
  double sum = 0;
  for (const double entry : x) sum += std::exp(entry);
  for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
    INFO(strategy);
    const Evaluated soft = evaluate("softmax(4)", x, {}, strategy),
                    log_soft = evaluate("log_softmax(4)", x, {}, strategy);
    for (Index i = 0; i < 4; ++i) {
      const double p = std::exp(x[static_cast<std::size_t>(i)]) / sum;
      CHECK(near(soft.z(i), p));
      CHECK(near(log_soft.z(i), std::log(p)));
      for (Index k = 0; k < 4; ++k) {
        const double q = std::exp(x[static_cast<std::size_t>(k)]) / sum, same = i == k ? 1 : 0;
        CHECK(near(soft.by_input(i, k), p * (same - q)));
        CHECK(near(log_soft.by_input(i, k), same - q));
      }
    }
  }
  // By hand: e^(log 1), e^(log 2), e^(log 5) over 8.
  const Evaluated eighths = evaluate("softmax(3)", {0, std::log(2.0), std::log(5.0)});
  CHECK(near(eighths.z(0), 0.125));
  CHECK(near(eighths.z(1), 0.25));
  CHECK(near(eighths.z(2), 0.625));
  CHECK(near(eighths.by_input(1, 2), -0.25 * 0.625));
}

TEST_CASE("layers: layer_norm divides by the biased deviation, eps = 1e-5 inside the root", "[core][layers]") {
  const std::vector<double> x{1, 2, 6}, theta{2, -1, 0.5, 0.25, 3, -4};  // mean 3, squares 4 + 1 + 9 = 14
  for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
    INFO(strategy);
    const Evaluated all = evaluate("layer_norm(3)", x, theta, strategy);
    const double r = 1 / std::sqrt(14.0 / 3 + 1e-5);
    const std::array<double, 3> h{-2 * r, -1 * r, 3 * r};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto row = static_cast<Index>(i);
      CHECK(near(all.z(row), theta[i] * h[i] + theta[3 + i]));
      for (std::size_t k = 0; k < 3; ++k) {
        const auto column = static_cast<Index>(k);
        CHECK(near(all.by_input(row, column), theta[i] * r * ((i == k ? 1 : 0) - 1.0 / 3 - h[i] * h[k] / 3)));
        CHECK(near(all.by_parameters(row, column), i == k ? h[i] : 0));
        CHECK(near(all.by_parameters(row, 3 + column), i == k ? 1 : 0));
      }
    }
  }
  // Small inputs show where eps stands: x = (-d, d) gives h = d/sqrt(d^2 + 1e-5).
  const double d = 1e-3;
  CHECK(near(evaluate("layer_norm(2)", {-d, d}, {1, 1, 0, 0}).z(1), d / std::sqrt(d * d + 1e-5)));
  // One feature: h = 0, whatever x.
  const Evaluated one = evaluate("layer_norm(1)", {5}, {3, 0.5});
  CHECK(one.z(0) == 0.5);
  CHECK(one.by_input(0, 0) == 0);
}

TEST_CASE("layers: affine and residual", "[core][layers]") {
  const std::vector<double> theta{1, 2, -3, 0.5, 0.25, 4};  // W^T = [1 2; -3 0.5], b = (0.25, 4)
  for (const std::string_view strategy : {"reverse_vjp", "jacobian_structured"}) {
    INFO(strategy);
    const Evaluated affine = evaluate("affine(2,2)", {2, -1}, theta, strategy);
    CHECK(affine.z == Vector<double>{{0.25, -2.5}});
    CHECK(affine.by_input == Matrix<double>{{1, 2}, {-3, 0.5}});
    CHECK(affine.by_parameters == Matrix<double>{{2, -1, 0, 0, 1, 0}, {0, 0, 2, -1, 0, 1}});
    const Evaluated residual = evaluate("residual(affine(2,2) relu)", {2, -1}, theta, strategy);
    CHECK(residual.z == Vector<double>{{2.25, -1}});
    CHECK(residual.by_input == Matrix<double>{{2, 2}, {0, 1}});
    CHECK(residual.by_parameters == Matrix<double>{{2, -1, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 0}});
  }
}

TEST_CASE("losses: squared_error adds over the outputs", "[core][losses]") {
  check(loss_at("squared_error", {{1, 2, -3}}, {{0.5, 2, 1}}), 0.25 + 16, {1, 0, -8});
}

TEST_CASE("losses: binary_cross_entropy adds over the outputs and takes 0 log 0 as 0", "[core][losses]") {
  check(loss_at("binary_cross_entropy", {{0.25, 0.5, 0.8}}, {{1, 0, 0.3}}),
        -std::log(0.25) - std::log(0.5) - 0.3 * std::log(0.8) - 0.7 * std::log(0.2), {-4, 2, 0.7 / 0.2 - 0.3 / 0.8});
  check(loss_at("binary_cross_entropy", {{1, 0}}, {{1, 0}}), 0, {-1, 1});
}

TEST_CASE("losses: cross_entropy takes the probability of the class", "[core][losses]") {
  check(loss_at("cross_entropy", {{0.25, 0.5, 0.25}}, {{1}}), std::log(2.0), {0, -2, 0});
  check(loss_at("cross_entropy", {{0.125, 0.875}}, {{0}}), std::log(8.0), {-8, 0});
}

TEST_CASE("losses: the forms from logits are the others behind sigmoid and softmax", "[core][losses]") {
  const std::vector<double> z{0.5, -1.5, 3}, y{1, 0, 0.25};
  double value = 0;
  std::vector<double> gradient;
  for (std::size_t i = 0; i < 3; ++i) {
    const double s = logistic(z[i]);
    value -= y[i] * std::log(s) + (1 - y[i]) * std::log(1 - s);
    gradient.push_back(s - y[i]);
  }
  check(loss_at("sigmoid_cross_entropy", {z}, {y}), value, gradient);

  const std::vector<double> logits{0, std::log(2.0), std::log(5.0)};  // probabilities 1/8, 2/8, 5/8
  check(loss_at("softmax_cross_entropy", {logits}, {{0}}), std::log(8.0), {0.125 - 1, 0.25, 0.625});
  check(loss_at("softmax_cross_entropy", {logits}, {{2}}), std::log(1.6), {0.125, 0.25, 0.625 - 1});
}

TEST_CASE("losses: the paper's Table I holds behind its activations", "[core][losses]") {
  // sigmoid with binary cross-entropy gives sigmoid(x) - y, softmax with cross-entropy gives softmax(x) - e_k.
  for (const auto& [network, composed, fused] :
       std::vector<std::array<std::string_view, 3>>{{"sigmoid(4)", "binary_cross_entropy", "sigmoid_cross_entropy"},
                                                    {"softmax(4)", "cross_entropy", "softmax_cross_entropy"}}) {
    Sample behind(network, seeded(6, 3), composed), direct("identity(4)", seeded(6, 3), fused);
    direct.data = behind.data;
    const Outcome a = behind.run("double", "reverse_vjp"), b = direct.run("double", "reverse_vjp");
    INFO(network);
    CHECK(relative_difference(a.gradient, b.gradient) < rounding);
    CHECK(near(a.loss.as_double(0), b.loss.as_double(0)));
  }
}

TEST_CASE("losses: the mean divides value and gradient by the samples alone, the sum by nothing", "[core][losses]") {
  const std::vector<std::vector<double>> z{{1, 2}, {3, -1}, {0, 0.5}, {-2, 4}}, y{{0, 0}, {1, 1}, {0, 0}, {1, 0}};
  const LossAt sum = loss_at("squared_error", z, y, Reduction::sum),
               mean = loss_at("squared_error", z, y, Reduction::mean);
  CHECK(sum.value == 5 + 8 + 0.25 + 25);
  CHECK(mean.value == sum.value / 4);
  CHECK(sum.gradient == std::vector<double>{2, 4, 4, -4, 0, 1, -6, 8});
  for (std::size_t i = 0; i < sum.gradient.size(); ++i) CHECK(mean.gradient[i] == sum.gradient[i] / 4);
  const std::vector<std::vector<double>> classes{{0}, {1}, {1}, {0}};
  for (const std::string_view loss :
       {"softmax_cross_entropy", "cross_entropy", "sigmoid_cross_entropy", "binary_cross_entropy"}) {
    INFO(loss);
    const std::vector<std::vector<double>> probabilities{{0.25, 0.75}, {0.5, 0.5}, {0.9, 0.1}, {0.3, 0.7}};
    const auto& targets = loss == "softmax_cross_entropy" || loss == "cross_entropy" ? classes : y;
    const LossAt whole = loss_at(loss, probabilities, targets, Reduction::sum);
    const LossAt part = loss_at(loss, probabilities, targets, Reduction::mean);
    double alone = 0;
    for (std::size_t s = 0; s < 4; ++s) alone += loss_at(loss, {probabilities[s]}, {targets[s]}).value;
    CHECK(near(whole.value, alone));
    CHECK(near(part.value, alone / 4));
    for (std::size_t i = 0; i < whole.gradient.size(); ++i) CHECK(part.gradient[i] == whole.gradient[i] / 4);
  }
}

}  // namespace backprove::test
