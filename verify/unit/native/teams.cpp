#include <fmt/format.h>

#include <cmath>

#include "core/caches.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/native/owned.hpp"

// Threads that sweep together: the bits of one thread, and what they need of each other.

namespace backprove {
namespace {

/// One piece whose features or panels a team shares out: the bits of one thread.
template <class T>
void check_team(const Kernel& kernel, const char* text, Index batch) {
  const Owned<T> owned(text, "softmax_cross_entropy", batch, 6);
  const Problem<T> problem = owned.problem();
  REQUIRE(Pieces::of(batch, owned.network, kernel.primitives<T>().lanes).count == 1);
  CAPTURE(kernel.name, text, batch);
  REQUIRE(fused_team(kernel, owned.network, batch, sizeof(T) == 4 ? "float" : "double", 2).members == 2);
  Options options;
  options.kernel = &kernel;
  Gradient<T> alone, together;
  for (Gradient<T>* one : {&alone, &together}) one->resize(problem, true);
  fused_sweep<T>(problem, options)->gradient(alone);
  for (const int threads : {2, 3, 4, 5}) {
    CAPTURE(kernel.name, text, batch, threads);
    options.threads = threads;
    const auto fused = fused_sweep<T>(problem, options);
    for (int again = 0; again < 20; ++again) {
      fused->gradient(together);
      CHECK(same(together, alone));
      CHECK(fused->loss() == alone.loss);
    }
  }
}

}  // namespace

TEST_CASE("kernels: teams that share out features or panels, the same bits on all threads", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const Index batch : {1, 5, 33}) {
      check_team<float>(kernel, "affine(40,400) tanh affine(400,300) sigmoid affine(300,10)", batch);
      check_team<double>(kernel, "affine(40,400) tanh affine(400,300) sigmoid affine(300,10)", batch);
    }
    // One sample on 2 and 4 threads by columns where a layer has many, by rows where it has few, in any order, and
    // with steps between them that have none.
    const char* mixed =
        "affine(90,300) tanh tanh affine(300,400) silu affine(400,311) gelu elu affine(311,9) relu "
        "affine(9,160) affine(160,400) identity affine(400,10)";
    check_team<float>(kernel, mixed, 1);
    check_team<double>(kernel, mixed, 1);
    // A rule behind the last affine layer, whose slopes every member takes for itself.
    check_team<float>(kernel, "affine(300,300) tanh affine(300,300) tanh", 1);
    check_team<double>(kernel, "affine(300,300) tanh affine(300,300) tanh", 1);
    check_team<float>(kernel, "affine(100,100) tanh affine(100,100) silu affine(100,10)", 70);
    check_team<double>(kernel, "affine(100,100) tanh affine(100,100) silu affine(100,10)", 70);
  }
}

TEST_CASE("kernels: the first member of a team has its part without the others", "[native][kernels]") {
  const Kernel& kernel = kernels().back();
  const auto written = [&](const char* text, Index batch) {
    CAPTURE(text, batch);
    const Owned<double> owned(text, "softmax_cross_entropy", batch, 8);
    const Problem<double> problem = owned.problem();
    Options options;
    options.kernel = &kernel;
    options.input_gradient = false;
    Gradient<double> whole, part;
    for (Gradient<double>* one : {&whole, &part}) one->resize(problem, false);
    fused_sweep<double>(problem, options)->gradient(whole);
    options.threads = 2;
    const auto fused = fused_sweep<double>(problem, options);
    part.parameters.setZero();
    fused->first_member(part);
    const Index numbers = (part.parameters.array() != 0).count();
    fused->gradient(part);
    CHECK(part.parameters == whole.parameters);
    return numbers;
  };
  // Its columns of a layer's gradient; nothing else is written.
  const Index all = Network::parse("affine(40,400) tanh affine(400,300) sigmoid affine(300,10)").parameters();
  for (const Index batch : {1, 33}) {
    const Index numbers = written("affine(40,400) tanh affine(400,300) sigmoid affine(300,10)", batch);
    CHECK(numbers > 0);
    CHECK(numbers <= all / 2 + 1);
  }
  // What half of the samples give for the layers that it adds up; of the other it writes elsewhere.
  CHECK(written("affine(30,30) tanh affine(30,30)", 600) == 30 * 30 + 30);
}

TEST_CASE("kernels: a panel a member where its own cache holds all weights", "[native][kernels]") {
  const Primitives<double>& fast = kernels().back().in_double();
  const Index samples = fast.lanes * fast.most_vectors;  // one panel would do
  const double numbers = cache_bytes(2) / sizeof(double);
  const Network small = Network::parse("affine(8,8)");
  CHECK(panels_of(small, fast, samples, 1).count == 1);
  CHECK(panels_of(small, fast, samples, 2).count == (numbers > 0 ? 2 : 1));
  // All weights and half of their gradient are more than it holds.
  const auto n = static_cast<Index>(std::sqrt(numbers)) + 1;
  CHECK(panels_of(Network::parse(fmt::format("affine({0},{0})", n)), fast, samples, 2).count == 1);
}

TEST_CASE("kernels: what the threads of a team need of each other", "[native][kernels]") {
  const Kernel& kernel = kernels().back();  // plain: what it has is the same everywhere
  const Network wide = Network::parse("affine(128,128) tanh affine(128,128) tanh affine(128,10)");
  CHECK(fused_team(kernel, wide, 32, "double", 1).members == 1);
  CHECK(fused_team(kernel, Network::parse("affine(8,8) tanh affine(8,8)"), 32, "double", 2).members == 1);
  const FusedTeam team = fused_team(kernel, wide, 32, "double", 2);
  CHECK(team.members == 2);
  CHECK(team.meetings == 3);
  // What enters, of the other's samples, and half of the cotangent above.
  CHECK(team.handed == (128 + 64 + 128 + 64 + 128 + 5) * 32 / 2);
  // One panel: all that enters, forward and backward, and the cotangent above.
  CHECK(fused_team(kernel, Network::parse("affine(512,512) tanh affine(512,512)"), 2, "double", 2).handed ==
        2 * 3 * 512 * 2 / 2);
  // One sample: every member needs what enters a wide layer, and its own numbers of the others' parts.
  const FusedTeam columns = fused_team(kernel, Network::parse("affine(256,256) tanh affine(256,256)"), 1, "double", 2);
  CHECK(columns.members == 2);
  CHECK(columns.handed == 2 * 2 * 256 / 2);
  CHECK(columns.meetings == 3);  // two layers forward, one backward; the loss is everybody's own
  // There is work for two, but a second thread would cost more than it brings.
  std::string layers = "affine(30,30)";
  for (int k = 0; k < 9; ++k) layers += " tanh affine(30,30)";
  const Network deep = Network::parse(layers);
  CHECK(Pieces::of(8, deep, kernel.in_double().lanes).threads(deep, 8, 2) == 2);
  CHECK(fused_team(kernel, deep, 8, "double", 2).members == 1);
  // Two halves of the samples: the second's gradient is all that passes, once.
  const Network narrow = Network::parse("affine(30,30) tanh affine(30,30)");
  const FusedTeam halves = fused_team(kernel, narrow, 600, "double", 2);
  CHECK(halves.meetings == 1);
  CHECK(halves.apart);
  CHECK_FALSE(team.apart);
  CHECK(halves.handed == static_cast<double>(narrow.parameters()) / 2);
}

}  // namespace backprove
