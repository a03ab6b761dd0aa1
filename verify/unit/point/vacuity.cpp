#include "verify/vacuity.hpp"

#include "core/data.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

struct Point {
  Network network;
  Loss loss = Loss::named("squared_error", Reduction::mean);
  Data data;

  Point(const char* text, Index batch) : network(Network::parse(text)) {
    Recipe recipe;
    recipe.batch = batch;
    data = make_data(network, loss, recipe);
  }
  std::string reasons() const {
    std::string all;
    for (const std::string& reason : vacuous_conditions({network, loss, view(data.theta), view(data.x), view(data.y)}))
      all += reason + "\n";
    return all;
  }
};

TEST_CASE("vacuity: an ordinary point hides nothing") {
  CHECK(Point("affine(5,7) relu affine(7,7) tanh affine(7,3)", 6).reasons().empty());
}

TEST_CASE("vacuity: one sample, equal samples, symmetric weights, equal cotangents, a branch never taken") {
  CHECK(Point("affine(5,7) tanh affine(7,3)", 1).reasons().find("one sample") != std::string::npos);

  Point equal("affine(5,7) tanh affine(7,3)", 3);
  for (Index s = 1; s < 3; ++s) equal.data.x.col(s) = equal.data.x.col(0);
  CHECK(equal.reasons().find("all samples are the same") != std::string::npos);

  Point symmetric("affine(5,5) tanh affine(5,3)", 4);
  Out<double> weight(symmetric.data.theta.data(), 5, 5);
  weight = (weight + weight.transpose()).eval();
  CHECK(symmetric.reasons().find("the weight of layer 1, affine(5,5), is symmetric") != std::string::npos);

  Point constant("affine(5,3)", 4);
  constant.data.theta.setZero();
  constant.data.y.setOnes();
  CHECK(constant.reasons().find("the cotangent of layer 1 is -0.5 everywhere") != std::string::npos);

  Point dead("affine(5,4) relu affine(4,3)", 4);
  dead.data.theta.segment(20, 4).setConstant(-100);
  CHECK(dead.reasons().find("all inputs of layer 2, relu(4), are negative") != std::string::npos);
}

}  // namespace
}  // namespace backprove::test
