#include <string>

#include "core/io/npy.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

struct Hard {
  std::string what, arguments;
};

/// Networks that random search has found, each of which a checker with plausible bounds calls wrong.
const std::vector<Hard> networks{
    {"features narrower than a float's step (Ridders)",
     "--network 'affine(2,2) layer_norm softplus' --gain 0.01 --batch 5 --seed 744203740 --reduction sum --scalar "
     "float"},
    {"the same, far off",
     "--network 'affine(3,5) sigmoid softplus residual(affine(5,4) affine(4,5))' --loss sigmoid_cross_entropy "
     "--gain 300 --batch 3 --seed 171300947 --init scaled --reduction sum --scalar float"},
    {"the same (central differences)",
     "--network 'gelu_tanh(2) affine(2,5) gelu_tanh affine(5,7) identity' --loss sigmoid_cross_entropy --gain 300 "
     "--batch 2 --seed 165920478 --init scaled --scalar float,double"},
    {"a third derivative that a complex step notices",
     "--network 'residual(gelu(2) affine(2,7) affine(7,1) gelu gelu affine(1,2)) affine(2,7)' "
     "--loss sigmoid_cross_entropy --gain 1e10 --batch 1 --seed 535149811 --init orthogonal --scalar float,double"},
    {"products that overflow float where the gradient does not",
     "--network 'leaky_relu(1) affine(1,5) layer_norm gelu_tanh affine(5,4)' --loss sigmoid_cross_entropy "
     "--gain 1e30 --batch 2 --seed 370332257 --init scaled --reduction sum --scalar float,double"},
};

TEST_CASE("no correct gradient is failed on networks that are hard to judge") {
  for (const Hard& hard : networks) {
    INFO(hard.what);
    const Scratch scratch;
    const Finished run = backprove("verify --out out " + hard.arguments, scratch / ".");
    INFO(run.out << run.err);
    CHECK(run.status == 0);
  }
}

TEST_CASE("softplus of 10^9 has a reference and an enclosure") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --out out --network 'affine(6,5) affine(5,7) softplus' --gain 1e6 --batch 1 --seed 10525420 --init "
      "scaled "
      "--scalar double --strategy reverse_vjp,reference,enclosure",
      scratch / ".");
  CHECK(run.status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  for (const char* judged :
       {",verdict,nan", ",enclosure_width,nan", ",error_over_bound,nan", ",stage_error_over_bound,nan"})
    CHECK(rows.find(judged) == std::string::npos);
  CHECK(rows.find("enclosure_width,0") == std::string::npos);
}

TEST_CASE("a block that is exactly zero does not drive the enclosure to its cap") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --out out --network 'affine(3,1) softmax affine(1,4)' --scalar double "
      "--strategy reverse_vjp,enclosure",
      scratch / ".");
  CHECK(run.status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  CHECK(rows.find(",verdict,nan") == std::string::npos);
  CHECK(rows.find("negligible_blocks,2") != std::string::npos);
}

TEST_CASE("at depth 32 reference and enclosure still have a bound") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --out out --activation tanh --outputs 10 --depth 32 --width 8 --batch 4 "
      "--scalar float,double,long_double --strategy reference,enclosure",
      scratch / ".");
  CHECK(run.status == 0);
  CHECK(content(scratch / "out/rows.csv").find("inconclusive") == std::string::npos);
}

TEST_CASE("a sweep takes layers with numbers of their own") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --out out --activation 'tanh,affine(4,4)' --depth 2 --width 4 --scalar double --strategy reverse_vjp",
      scratch / ".");
  CHECK(run.status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  CHECK(rows.find("affine(4,4) tanh(4) affine(4,") != std::string::npos);
  CHECK(rows.find("affine(4,4) affine(4,4) affine(4,") != std::string::npos);
}

TEST_CASE("far in its tails, gelu_tanh has a slope that the enclosure still knows") {
  const Scratch scratch;
  write_npy(scratch / "p.npy", std::vector<double>{1, 0, 1, 0}, {4});
  write_npy(scratch / "x.npy", std::vector<double>{-40000, 1, 30000}, {3, 1});
  write_npy(scratch / "y.npy", std::vector<double>{1, 2, 3}, {3, 1});
  const Finished run = backprove(
      "gradient --network 'affine(1,1) gelu_tanh affine(1,1)' --loss squared_error --strategy enclosure --params p.npy "
      "--inputs x.npy --targets y.npy --out out",
      scratch / ".");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK((run.out + run.err).find("not finite") == std::string::npos);
}

TEST_CASE("no correct gradient of random networks is failed, stage by stage") {
  const Scratch scratch;
  const Finished run = backprove(
      "verify --out out --random 12 --seed 5 --scalar float,double --threads 1,2 --strategy reverse_vjp --quiet",
      scratch / ".");
  INFO(run.out << run.err);
  CHECK(run.status == 0);
  CHECK(run.out.find("over 1: 0") != std::string::npos);
  const Finished again = backprove(
      "verify --out again --random 12 --seed 5 --scalar float,double --threads 1,2 --strategy reverse_vjp --quiet",
      scratch / ".");
  CHECK(again.out.substr(0, again.out.find("strategy  ")) == run.out.substr(0, run.out.find("strategy  ")));
}

}  // namespace
}  // namespace backprove::test
