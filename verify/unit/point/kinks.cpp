#include "verify/kinks.hpp"

#include "core/data.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

std::optional<Index> of(const char* text, double input) {
  const Network network = Network::parse(text);
  const Loss loss = Loss::named("squared_error", Reduction::mean);
  Recipe recipe;
  recipe.batch = 3;
  Data data = make_data(network, loss, recipe);
  data.x.row(0).setConstant(input);
  const Data& drawn = data;
  return inputs_on_kinks({network, loss, view(drawn.theta), view(drawn.x), view(drawn.y)});
}

TEST_CASE("kinks: inputs that lie exactly on one are counted, inside residuals too") {
  CHECK(of("affine(2,3) tanh affine(3,1)", 0) == std::nullopt);
  CHECK(of("relu(2) affine(2,1)", 0.5) == 0);
  CHECK(of("relu(2) affine(2,1)", 0) == 3);
  CHECK(of("leaky_relu(2) affine(2,1)", -0.0) == 3);
  CHECK(of("residual(relu(2) affine(2,2)) affine(2,1)", 0) == 3);
  // The slope of elu does not jump.
  CHECK(of("elu(2) affine(2,1)", 0) == std::nullopt);
}

}  // namespace
}  // namespace backprove::test
