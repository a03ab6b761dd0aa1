#include "verify/lattice.hpp"

#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

TEST_CASE("lattice: the same shapes, relu for every activation and norm, residuals too") {
  const Network network =
      Network::parse("affine(5,7) tanh residual(affine(7,9) gelu affine(9,7) layer_norm) softmax affine(7,3)");
  CHECK(lattice_network(network) ==
        "affine(5,7) relu(7) residual(affine(7,9) relu(9) affine(9,7) relu(7)) relu(7) affine(7,3)");
}

TEST_CASE("lattice: every strategy is exact on whole numbers, whatever the threads") {
  for (const char* text :
       {"affine(5,7) tanh affine(7,3)", "affine(64,33) relu affine(33,17) silu affine(17,1)",
        "affine(9,9) elu residual(affine(9,4) tanh affine(4,9)) layer_norm affine(9,2)", "tanh(4)", "affine(1,1)"})
    for (const char* scalar : {"float", "double"}) {
      INFO(text << " in " << scalar);
      Index judged = 0;
      for (const LatticeFinding& finding : try_lattice(Network::parse(text), engine_named(scalar), 2e7)) {
        INFO(finding.strategy);
        CHECK(finding.mismatched == 0);
        CHECK(finding.same_bits);
        judged += finding.skipped.empty() ? 1 : 0;
      }
      CHECK(judged >= 5);
    }
}

TEST_CASE("lattice: what would cost too much is left out and says so") {
  const auto findings = try_lattice(Network::parse("affine(20,20) tanh affine(20,20)"), engine_named("float"), 1000);
  for (const LatticeFinding& finding : findings) CHECK(finding.skipped.find("multiplications") != std::string::npos);
}

}  // namespace
}  // namespace backprove::test
