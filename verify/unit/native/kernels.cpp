#include <fmt/format.h>

#include <cmath>

#include "core/caches.hpp"
#include "core/data.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/primitives.hpp"
#include "verify/cell_check.hpp"
#include "verify/certificate.hpp"
#include "verify/stage/stages.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/native/owned.hpp"

// The kernels of core/kernels: their sweeps against exact stages, and what is
// done about one that is wrong.

namespace backprove {
namespace {

/// Every stage of the kernel's sweep within its bound, and the same bits with 1 to 5 threads, a second time, in
/// a trace, and without the input gradient.
template <class T>
void check_sweep(const Kernel& kernel, const std::string& text, const std::string& loss, Index batch) {
  INFO(fmt::format("{} on {} with {}, {} samples, {} bytes", kernel.name, text, loss, batch, sizeof(T)));
  const Owned<T> owned(text, loss, batch, 5);
  const Problem<T> problem = owned.problem();
  Options options;
  options.kernel = &kernel;
  const SweepRecord<T> record = record_sweep<T>(problem, options, ReverseSteps<T>());
  for (const TensorJudgement& judgement : judge_stages<T>(problem, record, true)) {
    INFO(judgement.stage << ", " << judgement.tensor << ": " << judgement.error_over_bound);
    CHECK_FALSE(is_failure(judgement.finding));
  }
  for (const int threads : {1, 2, 3, 4, 5}) {
    options.threads = threads;
    const auto fused = fused_sweep<T>(problem, options);
    REQUIRE(fused);
    Gradient<T> gradient;
    gradient.resize(problem, true);
    for (int again = 0; again < 2; ++again) {
      gradient.parameters.setConstant(T(7));
      fused->gradient(gradient);
      CHECK(same(gradient, record.gradient));
    }
    CHECK(fused->loss() == record.gradient.loss);
  }
  options.input_gradient = false;
  Gradient<T> without;
  without.resize(problem, false);
  fused_sweep<T>(problem, options)->gradient(without);
  CHECK(without.parameters == record.gradient.parameters);
}

/// The first kernel's functions, one of them wrong in one number.
template <class T>
void wrong_multiply(const Multiply<T>& m) {
  kernels().back().primitives<T>().multiply(m);
  m.c[m.from * m.c_j] += static_cast<T>(1e-3);
}
template <class T>
const Primitives<T>& wrong_primitives() {
  static const Primitives<T> wrong = [] {
    Primitives<T> copy = kernels().back().primitives<T>();
    copy.multiply = wrong_multiply<T>;
    return copy;
  }();
  return wrong;
}

}  // namespace

/// Chains of several lengths and rules, some of them interrupted.
std::string chained() {
  return "affine(8,8) tanh affine(8,8) tanh affine(8,5) silu affine(5,7) silu affine(7,8) gelu affine(8,8) relu "
         "affine(8,8) relu affine(8,16) sigmoid affine(16,16) sigmoid affine(16,17)";
}

TEST_CASE("kernels: every stage within its bound, the same bits on all threads", "[native][kernels]") {
  const std::vector<std::pair<std::string, std::string>> networks{
      {"affine(3,8) tanh affine(8,8) tanh affine(8,10)", "softmax_cross_entropy"},
      {"affine(5,33) relu affine(33,17) sigmoid affine(17,1) silu affine(1,7)", "squared_error"},
      {"tanh(4) identity affine(4,9) gelu leaky_relu affine(9,130) softplus affine(130,3) elu", "squared_error"},
      {"affine(1,1) tanh", "squared_error"},
      {"tanh(3) relu", "squared_error"},
      {"affine(9,3) affine(3,2)", "sigmoid_cross_entropy"},
      {"affine(4,3) relu gelu_tanh affine(3,2)", "softmax_cross_entropy"},
      {chained(), "softmax_cross_entropy"},
      {chained(), "squared_error"}};
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const auto& [network, loss] : networks)
      for (const Index batch : {1, 2, 7, 33, 70}) {
        check_sweep<float>(kernel, network, loss, batch);
        check_sweep<double>(kernel, network, loss, batch);
      }
  }
}

/// Columns that are read from end to end: more than one block of rows, with pads and columns left over.
TEST_CASE("kernels: one sample through layers larger than a cache, every stage within its bound", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    check_sweep<float>(kernel, "affine(4,530) tanh affine(530,375) silu affine(375,3)", "softmax_cross_entropy", 1);
    check_sweep<double>(kernel, "affine(4,530) tanh affine(530,375) affine(375,3)", "softmax_cross_entropy", 1);
  }
}

/// Columns of W that are pages long are passed over in parts, the last of them shorter.
TEST_CASE("kernels: several samples through columns of pages, every stage within its bound", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    check_sweep<float>(kernel, "affine(3,1100) tanh affine(1100,193) affine(193,3)", "softmax_cross_entropy", 19);
    check_sweep<double>(kernel, "affine(3,600) tanh affine(600,193) affine(193,3)", "softmax_cross_entropy", 9);
  }
}

TEST_CASE("kernels: one sample through weights that no cache holds, every stage within its bound",
          "[native][kernels]") {
  const double numbers = usable_cache_bytes() / (2 * sizeof(double));  // weights, and as many of their gradient
  const Index n = (static_cast<Index>(std::sqrt(numbers)) / 16 + 1) * 16;
  const std::string text = fmt::format("affine(4,{0}) tanh affine({0},{0}) silu affine({0},3)", n);
  REQUIRE(Network::parse(text).parameters() > static_cast<Index>(numbers));
  for (const Kernel& kernel : kernels())
    if (kernel.runs_here()) check_sweep<double>(kernel, text, "softmax_cross_entropy", 1);
}

/// Two pieces that one thread sweeps at once.
std::string deep_and_narrow() {
  std::string text = "affine(5,8) tanh";
  for (int l = 0; l < 10; ++l) text += " affine(8,8) silu affine(8,8) tanh";
  return text + " affine(8,9)";
}

TEST_CASE("kernels: batches whose sums are cut in two, the same bits on all threads", "[native][kernels]") {
  const std::vector<std::pair<std::string, std::string>> networks{
      {"affine(20,30) tanh affine(30,30) silu affine(30,10)", "softmax_cross_entropy"},
      {"relu(9) affine(9,40) sigmoid affine(40,33) elu affine(33,3)", "squared_error"},
      {deep_and_narrow(), "softmax_cross_entropy"},
      {deep_and_narrow(), "squared_error"}};
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const auto& [text, loss] : networks)
      for (const Index batch : {64, 97, 131}) {
        const Network network = Network::parse(text);
        REQUIRE(Pieces::of(batch, network, kernel.in_float().lanes).count == 2);
        REQUIRE(Pieces::of(batch, network, kernel.in_double().lanes).count == 2);
        check_sweep<float>(kernel, text, loss, batch);
        check_sweep<double>(kernel, text, loss, batch);
      }
  }
}

TEST_CASE("kernels: structured Jacobians, the same bits in a trace", "[native][kernels]") {
  const auto check = [&]<class T>(const Kernel& kernel, const char* text, Index batch, T) {
    const Owned<T> owned(text, "softmax_cross_entropy", batch, 7);
    const Problem<T> problem = owned.problem();
    Options options;
    options.kernel = &kernel;
    const auto fused = fused_sweep<T>(problem, options, SweepBy::jacobians);
    Gradient<T> alone, traced;
    for (Gradient<T>* one : {&alone, &traced}) one->resize(problem, true);
    SweepTrace<T> trace;
    fused->gradient(alone);
    fused->trace(traced, trace);
    CAPTURE(kernel.name, text, sizeof(T));
    CHECK(same(alone, traced));
    CHECK(alone.parameters.norm() > 0);
  };
  for (const Kernel& kernel : kernels())
    for (const char* text : {"affine(8,8) tanh affine(8,8) tanh affine(8,4) silu affine(4,4) silu affine(4,3)",
                             "tanh(5) affine(5,20) gelu affine(20,8) sigmoid affine(8,8) sigmoid"}) {
      if (!kernel.runs_here()) continue;
      for (const Index batch : {1, 20}) {
        check(kernel, text, batch, float());
        check(kernel, text, batch, double());
      }
    }
}

TEST_CASE("kernels: how a batch is cut depends on sizes alone", "[native][kernels]") {
  const Network narrow = Network::parse("affine(30,30) tanh affine(30,30)"), wide = Network::parse("affine(300,300)");
  CHECK(Pieces::of(31, narrow, 16).count == 1);  // fewer than two vectors
  CHECK(Pieces::of(32, narrow, 16).count == 1);  // too little work for two
  CHECK(Pieces::of(256, wide, 16).count == 1);   // a layer's parameters are more than its samples hand over
  CHECK(Pieces::of(301, wide, 16).samples == 160);
  CHECK(Pieces::of(301, wide, 8).samples == 152);
  CHECK_FALSE(Pieces::of(301, wide, 8, 299).narrow);
  CHECK(Pieces::of(301, wide, 8, 300).narrow);
  const Kernel& kernel = kernels().back();
  CHECK(fused_memory(kernel, wide, 256, "double", 1).kept == 300 * 256);
  CHECK(fused_memory(kernel, wide, 304, "double", 1).kept == 300 * 152);
  CHECK(fused_memory(kernel, wide, 304, "double", 2).kept == 300 * 304);
  const Network deep = Network::parse(deep_and_narrow());
  for (const Kernel& one : kernels()) {
    if (!one.runs_here()) continue;
    const double alone = fused_memory(one, deep, 64, "double", 1).kept,
                 team = fused_memory(one, deep, 64, "double", 2).kept;
    CHECK(alone * (one.in_double().few >= 8 ? 1 : 2) == team);
  }
  const auto kept_of = [&](Index batch) { return fused_memory(kernels().front(), narrow, batch, "double", 1); };
  CHECK(kept_of(4).kept == (30 + 30) * 4);
  const Network reads_x = Network::parse("affine(30,30) silu affine(30,30)");
  CHECK(fused_memory(kernels().front(), reads_x, 4, "double", 1).kept == (30 + 30 + 30) * 4);
  // Other losses get the outputs sample by sample: once for all that is swept at a time.
  CHECK(kept_of(4).scattered == 2 * 30 * 4);
  CHECK(fused_memory(kernel, wide, 304, "double", 1).scattered == 2 * 300 * 152);
  CHECK(fused_memory(kernel, wide, 304, "double", 2).scattered == 2 * 300 * 304);
  // Pads take the same room as samples.
  const Index lanes = kernels().front().in_double().lanes;
  CHECK(kept_of(2 * lanes - 1).all == kept_of(2 * lanes).all);
  CHECK(kept_of(2 * lanes - 1).kept < kept_of(2 * lanes).kept);
}

TEST_CASE("kernels: strategies with products by a kernel, the same bits on all threads", "[native][kernels]") {
  const Owned<double> owned("affine(24,20) layer_norm tanh affine(20,17) softplus affine(17,5)",
                            "softmax_cross_entropy", 40, 11);
  Options options;
  for (const char* name : {"reverse_vjp", "jacobian_literal", "jacobian_prefix", "forward_mode", "central_difference",
                           "reverse_checkpointed"}) {
    CAPTURE(name);
    const auto run = [&](int threads, const Kernel* kernel) {
      options.threads = threads;
      options.kernel = kernel;
      return engine_named("double").run(
          name, {owned.network, owned.loss, view(owned.data.theta), view(owned.data.x), view(owned.data.y), options});
    };
    const Outcome plain = run(1, nullptr), once = run(1, kernel_named("auto"));
    CHECK_FALSE(once.gradient.same_bits(plain.gradient));  // it really is another kernel
    CHECK(once.gradient.same_bits(run(2, kernel_named("auto")).gradient));
    CHECK(once.gradient.same_bits(run(3, kernel_named("auto")).gradient));
  }
}

TEST_CASE("kernels: both strategies that they serve are judged like any other", "[native][kernels]") {
  const std::vector<const StrategyInfo*> served{&strategy_named("reverse_vjp"), &strategy_named("jacobian_structured")};
  const Limits limits{1e9, 1e7};
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const char* network : {"affine(3,9) tanh affine(9,4) relu affine(4,6) sigmoid affine(6,3)",
                                "leaky_relu(3) affine(3,5) silu identity affine(5,18) elu affine(18,3)"})
      for (const Index batch : {1, 21}) {
        ProblemSpec spec;
        spec.network = network;
        spec.loss = "softmax_cross_entropy";
        spec.recipe.batch = batch;
        const auto problem = std::make_shared<SpecifiedProblem>(spec);
        problem->make([](const std::string&) {});
        const auto certificate = std::make_shared<Certificate>(*problem, limits, true);
        Options options;
        options.kernel = &kernel;
        options.threads = 2;
        int judged = 0;
        for (const char* scalar : {"float", "double"})
          for (const Row& row : check({problem, certificate, &engine_named(scalar), served, options, limits})) {
            INFO(fmt::format("{} in {} on {}: {} {}", row.cell.strategy, scalar, network, row.quantity, row.note));
            CHECK(row.status != Status::failed);
            CHECK(row.status != Status::nonfinite);
            if (row.quantity != "error_over_bound") continue;
            CHECK(row.cell.kernel == kernel.name);
            ++judged;
          }
        CHECK(judged == 4);
      }
  }
}

TEST_CASE("kernels: NaN and infinity pass through", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const Index batch : {1, 12}) {
      Owned<double> owned("affine(3,9) tanh affine(9,4)", "softmax_cross_entropy", batch, 2);
      owned.theta(1) = std::numeric_limits<double>::quiet_NaN();
      Options options;
      options.kernel = &kernel;
      const Problem<double> problem = owned.problem();
      Gradient<double> gradient;
      gradient.resize(problem, true);
      fused_sweep<double>(problem, options)->gradient(gradient);
      CHECK(std::isnan(gradient.loss));
      CHECK(std::isnan(gradient.parameters(0)));
    }
  }
}

TEST_CASE("kernels: one that is wrong is refused", "[native][kernels]") {
  const Kernel wrong{"wrong", "for this test", [] { return true; }, wrong_primitives<float>, wrong_primitives<double>};
  CHECK(wrong.wrong().find("times its rounding bound") != std::string::npos);
  for (const Kernel& kernel : kernels())
    if (kernel.runs_here()) CHECK(kernel.wrong().empty());
}

TEST_CASE("kernels: names, and networks that they leave alone", "[native][kernels]") {
  CHECK(kernel_named("plain") == nullptr);
  CHECK(kernel_named("auto") != nullptr);
  CHECK(kernel_named("fused_portable")->name == "fused_portable");
  CHECK_THROWS_WITH(kernel_named("fast"), Catch::Contains("unknown kernel 'fast'") && Catch::Contains("fused_avx2"));
  const Kernel* kernel = kernel_named("auto");
  const Network served = Network::parse("affine(3,4) tanh"), other = Network::parse("affine(3,4) layer_norm");
  CHECK(fused_kernel(kernel, "reverse_vjp", "double", served) == kernel);
  CHECK(fused_kernel(kernel, "reverse_vjp", "long_double", served) == nullptr);
  CHECK(fused_kernel(kernel, "jacobian_structured", "float", served) == kernel);
  CHECK(fused_kernel(kernel, "forward_mode", "double", served) == nullptr);
  CHECK(fused_kernel(kernel, "reverse_vjp", "double", other) == nullptr);
  CHECK(kernel_used(kernel, "forward_mode", "double") == kernel);
  CHECK(kernel_used(kernel, "reverse_vjp", "long_double") == nullptr);
  CHECK(kernel_used(kernel, "reference", "double") == nullptr);
  CHECK(kernel_used(nullptr, "reverse_vjp", "double") == nullptr);
  CHECK(beyond_kernels(other) == "kernels know affine and elementwise layers, not layer_norm(4)");
}

}  // namespace backprove
