#include <cstdlib>

#include "bench/probes/limit.hpp"
#include "core/kernels/products/library.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

/// A variable of the environment, for a while.
class Setting {
 public:
  Setting(const char* variable, const char* value) : name(variable) { setenv(name, value, 1); }
  ~Setting() { unsetenv(name); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name;
};

TEST_CASE("products: a BLAS that is wrong on purpose is refused, a right one is used") {
  const Scratch scratch;
  const std::string command = "limits --library openblas --shape 8x9x10 --quick --quiet --out out";
  {
    const Setting setting("BACKPROVE_OPENBLAS", BACKPROVE_wrong_BLAS);
    const Finished run = backprove(command, scratch / ".");
    CHECK(run.status == 1);
    CHECK(run.out.find("failed: not used: ") != std::string::npos);
    CHECK(run.out.find("times the rounding bound") != std::string::npos);
    CHECK(content(scratch / "out/rows.csv").find("not used: ") != std::string::npos);
    // What it would have computed is nowhere used: the gradient is right.
    const Finished right = backprove(
        "verify --network 'affine(9,8) tanh affine(8,3)' --kernel auto --strategy reverse_vjp --quiet --out v",
        scratch / ".");
    CHECK(right.status == 0);
  }
  const Setting setting("BACKPROVE_OPENBLAS", BACKPROVE_right_BLAS);
  const Finished run = backprove(command, scratch / ".");
  CHECK(run.status == 0);
  CHECK(run.out.find("product 8x9x10") != std::string::npos);
}

TEST_CASE("products: a library that ends its process is refused") {
  const Scratch scratch;
  const Setting setting("BACKPROVE_OPENBLAS", BACKPROVE_ending_BLAS);
  const Finished run = backprove("limits --library openblas --shape 8x9x10 --quick --quiet --out out", scratch / ".");
  CHECK(run.status == 1);
  CHECK(run.out.find("failed: not used: it ended its check with status 0") != std::string::npos);
}

TEST_CASE("products: a library that is not there is a row") {
  const Scratch scratch;
  const Setting setting("BACKPROVE_BLIS", "/nowhere/libblis.so");
  const Finished run = backprove("limits --library blis --quick --quiet --out out", scratch / ".");
  CHECK(run.status == 0);
  CHECK(run.out.find("unsupported: not installed") != std::string::npos);
}

TEST_CASE("products: what is there is right, and ours are always there") {
  for (const ProductLibrary& library : product_libraries()) {
    CAPTURE(library.name);
    if (library.name == "plain" || library.name == "fused") CHECK(library.missing().empty());
    if (library.missing().empty()) CHECK(library.wrong().empty());
  }
  CHECK_THROWS_WITH(product_library_named("mkl"),
                    Catch::Contains("unknown library 'mkl'; known are:") && Catch::Contains("plain"));
}

TEST_CASE("products: limits of a network are sums over its layers") {
  MeasuredRates rates({3, 1});
  LimitProbe probe(rates);
  const Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
  const Network one = Network::parse("affine(16,16) tanh affine(16,16)"),
                two = Network::parse("affine(16,16) tanh affine(16,16) tanh affine(16,16) tanh affine(16,16)");
  const LimitTime less = probe.of(one, loss, 32, true, "double", 1), more = probe.of(two, loss, 32, true, "double", 1);
  CHECK(less.products > 0);
  CHECK(more.products == Approx(2 * less.products));  // every rate is measured once
  CHECK(more.values == Approx(3 * less.values));
  CHECK(more.slopes == Approx(3 * less.slopes));
  CHECK(more.loss == less.loss);
  CHECK(less.loss > 0);
  CHECK(less.memory == 0);
  // With G, e_f and e_b of one network: between what products and what values alone would have.
  const double ratio = probe.ratio_to_loss(one, 32, true, "double", 1);
  CHECK(ratio > 1);
  CHECK(ratio < 3);
  CHECK(probe.ratio_to_loss(one, 32, false, "double", 1) < ratio);  // r = 1/2
  const LimitTime without = probe.of(one, loss, 32, false, "double", 1);
  CHECK(without.products == Approx(less.products * 5 / 6).epsilon(0.5));
  CHECK(without.products < less.products);
  const LimitTime single = probe.of(one, loss, 1, true, "float", 1);
  CHECK(single.products == 0);
  CHECK(single.memory > 0);
  CHECK_THROWS_AS(probe.of(Network::parse("affine(3,3) softmax"), loss, 4, true, "double", 1), std::invalid_argument);
  CHECK_THROWS_AS(probe.of(one, loss, 4, true, "long_double", 1), std::invalid_argument);
}

}  // namespace
}  // namespace backprove::test
