#include "verify/norms.hpp"

#include <cmath>

#include "core/data.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

std::vector<CotangentNorm> of(const char* text, Data& data, Index batch) {
  const Network network = Network::parse(text);
  const Loss loss = Loss::named("squared_error", Reduction::mean);
  Recipe recipe;
  recipe.batch = batch;
  data = make_data(network, loss, recipe);
  const Data& drawn = data;
  return cotangent_norms({network, loss, view(drawn.theta), view(drawn.x), view(drawn.y)});
}

TEST_CASE("norms: one affine layer, by hand") {
  Data data;
  const auto norms = of("affine(3,2)", data, 1);
  REQUIRE(norms.size() == 2);
  const Matrix<double> w = In<double>(data.theta.data(), 3, 2).transpose();  // kept row by row
  const Vector<double> b = data.theta.tail(2);
  const Vector<double> g = 2 * (w * data.x + b - data.y);
  // Of a 2 x 3 matrix: s^4 - ||W||_F^2 s^2 + det(W W^T) = 0.
  const double square = w.squaredNorm(),
               determinant = w.row(0).squaredNorm() * w.row(1).squaredNorm() - std::pow(w.row(0).dot(w.row(1)), 2);
  const double largest = std::sqrt((square + std::sqrt(square * square - 4 * determinant)) / 2);
  // squared_error is the sum of squares; a mean over the outputs would scale all norms alike.
  const double scale = norms[1].measured / g.norm(), bar = 1e-12;  // thousands of roundings
  CHECK(norms[1].by_frobenius == Approx(norms[1].measured).epsilon(bar));
  CHECK(norms[1].by_singular_values == Approx(norms[1].measured).epsilon(bar));
  CHECK(norms[0].measured == Approx(scale * (w.transpose() * g).norm()).epsilon(bar));
  CHECK(norms[0].by_frobenius == Approx(scale * g.norm() * w.norm() / std::sqrt(2.0)).epsilon(bar));
  CHECK(norms[0].by_singular_values == Approx(scale * g.norm() * largest).epsilon(bar));
}

TEST_CASE("norms: singular values bound what is measured, at every layer and for a residual") {
  Data data;
  for (const char* text : {"affine(5,8) tanh affine(8,8) relu affine(8,3)", "affine(4,4) residual(affine(4,4) tanh)"})
    for (const CotangentNorm& norm : of(text, data, 3)) {
      CHECK(norm.measured <= norm.by_singular_values * (1 + 1e-12));
      CHECK(norm.by_frobenius <= norm.by_singular_values * (1 + 1e-12));  // ||J||_F <= sqrt(n) ||J||_2
      CHECK(norm.measured > 0);
    }
}

TEST_CASE("norms: the program writes three quantities for every layer, and a limit where it would take too long") {
  const Scratch scratch;
  Finished run = backprove("norms --depth 2 --width 4 --out a", scratch / ".");
  INFO(run.err);
  REQUIRE(run.status == 0);
  const std::string rows = content(scratch / "a/rows.csv");
  for (const char* layer : {"layer=0", "layer=1", "layer=2", "layer=3"}) CHECK(rows.find(layer) != std::string::npos);
  CHECK(std::count(rows.begin(), rows.end(), '\n') == 1 + 3 * 4);
  run = backprove("norms --depth 2 --width 4 --operations 1 --out b", scratch / ".");
  REQUIRE(run.status == 0);
  CHECK(content(scratch / "b/rows.csv").find(",limit,") != std::string::npos);
}

TEST_CASE("verify: every step factor is a cell of its own, and the error follows the step") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --depth 2 --width 3 --scalar double --strategy forward_difference --step-factor 64,4096 --quiet --out a",
      scratch / ".");
  INFO(run.err);
  REQUIRE(run.status == 0);
  std::istringstream lines(content(scratch / "a/rows.csv"));
  double step = 0, long_step = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(",error_max_absolute,");
    if (at == std::string::npos) continue;
    const double value = std::stod(line.substr(at + std::string(",error_max_absolute,").size()));
    (line.find("step_factor=4096") == std::string::npos ? step : long_step) = value;
  }
  // Both steps are far above the best: all is truncation, of the first order.
  CHECK(long_step > 56 * step);
  CHECK(long_step < 72 * step);
}

}  // namespace
}  // namespace backprove::test
