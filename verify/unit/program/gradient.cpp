#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "core/io/npy.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/npy_bytes.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

namespace fs = std::filesystem;
using Numbers = std::vector<double>;

/// affine(3,2) tanh affine(2,2): 8 + 6 parameters, all multiples of 1/8, so that float holds them exactly.
const std::string network = "--network 'affine(3,2) tanh affine(2,2)' ";
const Numbers theta{0.5, -0.25, 0.125, 0.75, -1, 0.375, 0.25, -0.5, 1.5, -0.625, 0.875, 0.5, -0.125, 0.25};
const Numbers x{1, -0.5, 0.25, 0.75, 2, -1.25, -0.375, 0.5, 0.625, 1.25, -1, 0.5};
const std::string from_files = "--params p.npy --inputs x.npy --targets y.npy ";

template <class T>
std::string bytes(const Numbers& numbers, bool big) {
  std::string out;
  for (const double number : numbers) out += raw({static_cast<T>(number)}, big);
  return out;
}

/// As NumPy writes it: `numbers` in C order, here stored in the order and type that is asked for.
template <class T>
std::string npy(const std::string& descr, const Numbers& numbers, const std::string& shape, std::size_t columns = 0) {
  Numbers order = numbers;
  if (columns > 0)
    for (std::size_t i = 0; i < numbers.size(); ++i)
      order[i % columns * (numbers.size() / columns) + i / columns] = numbers[i];
  return npy_front(npy_dict(descr, shape, columns > 0)) + bytes<T>(order, descr[0] == '>');
}

void put_data(const Scratch& scratch) {
  put(scratch / "p.npy", npy<double>("<f8", theta, "(14,)"));
  put(scratch / "x.npy", npy<double>("<f8", x, "(4, 3)"));
  put(scratch / "y.npy", npy<std::int64_t>("<i8", {0, 1, 1, 0}, "(4,)"));
}

struct Results {
  NpyArray loss, gradient, input;
  Finished run;
};

Results gradient(const Scratch& scratch, const std::string& rest, const std::string& which = network) {
  Results results;
  results.run = backprove("gradient --out out " + which + rest, scratch / ".");
  INFO(rest << "\n" << results.run.err);
  REQUIRE(results.run.status == 0);
  CHECK(results.run.err.empty());
  results.loss = read_npy(scratch / "out/loss.npy");
  results.gradient = read_npy(scratch / "out/gradient.npy");
  results.input = read_npy(scratch / "out/input_gradient.npy");
  return results;
}

bool same(const Results& a, const Results& b) {
  return a.loss.values == b.loss.values && a.gradient.values == b.gradient.values && a.input.values == b.input.values;
}

/// Largest difference, over the largest number.
double difference(const Numbers& a, const Numbers& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return worst / largest;
}

Numbers scaled(Numbers numbers, double factor) {
  for (double& number : numbers) number *= factor;
  return numbers;
}

TEST_CASE("gradient: shapes and precision of the results follow the scalar", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  for (const std::string scalar : {"float", "double", "long_double", "mpfr", "counting"}) {
    INFO(scalar);
    const Scratch own;
    put_data(own);
    const Results results = gradient(own, from_files + "--scalar " + scalar);
    for (const NpyArray* array : {&results.loss, &results.gradient, &results.input})
      CHECK(array->item_size == (scalar == "float" ? 4 : 8));
    CHECK(results.loss.shape.empty());
    CHECK(results.gradient.shape == std::vector<Index>{14});
    CHECK(results.input.shape == std::vector<Index>{4, 3});
    const bool wide = scalar != "float" && scalar != "double";
    for (const auto& [name, array] :
         {std::pair{"loss", &results.loss}, {"gradient", &results.gradient}, {"input_gradient", &results.input}}) {
      const fs::path text = own / ("out/" + std::string(name) + ".txt");
      REQUIRE(fs::exists(text) == wide);
      if (!wide) continue;
      std::istringstream lines(content(text));
      std::string line;
      for (const double value : array->values) {
        REQUIRE(std::getline(lines, line));
        CHECK(std::stod(line) == value);
        CHECK((scalar != "mpfr" || line.size() > 40));
      }
      CHECK_FALSE(std::getline(lines, line));
    }
  }
}

TEST_CASE("gradient: float, double and wider scalars agree to their precision", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  const Results exact = gradient(scratch, from_files + "--scalar mpfr --strategy reference");
  for (const auto& [scalar, digits] :
       {std::pair{"float", 1e-6}, {"double", 1e-15}, {"long_double", 2e-16}, {"cpp_bin_float_50", 2e-16}}) {
    const Results results = gradient(scratch, from_files + "--scalar " + scalar);
    CHECK(difference(results.gradient.values, exact.gradient.values) < digits);
    CHECK(difference(results.input.values, exact.input.values) < digits);
    CHECK(difference(results.loss.values, exact.loss.values) < digits);
  }
}

TEST_CASE("gradient: arrays of any type, byte order and memory order mean the same", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  const Results plain = gradient(scratch, from_files);
  const std::string p = content(scratch / "p.npy"), inputs = content(scratch / "x.npy"), y = content(scratch / "y.npy");
  struct Form {
    std::string p, x, y;
  };
  for (const Form& form :
       {Form{npy<float>("<f4", theta, "(14,)"), npy<float>("<f4", x, "(4, 3)"), y},
        Form{npy<double>(">f8", theta, "(14,)"), npy<float>(">f4", x, "(4, 3)"), y},
        Form{p, npy<double>("<f8", x, "(4, 3)", 3), y}, Form{p, npy<float>(">f4", x, "(4, 3)", 3), y},
        Form{p, inputs, npy<double>("<f8", {0, 1, 1, 0}, "(4,)")},
        Form{p, inputs, npy<double>("<f8", {0, 1, 1, 0}, "(4, 1)")},
        Form{p, inputs, npy<std::int64_t>(">i8", {0, 1, 1, 0}, "(4,)")},
        Form{p, inputs, npy<std::uint8_t>("|u1", {0, 1, 1, 0}, "(4,)")},
        Form{p, inputs, npy<std::uint8_t>("|b1", {0, 1, 1, 0}, "(4,)")}}) {
    put(scratch / "p.npy", form.p);
    put(scratch / "x.npy", form.x);
    put(scratch / "y.npy", form.y);
    CHECK(same(gradient(scratch, from_files), plain));
  }
}

TEST_CASE("gradient: every strategy gives the same gradient", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  const Results plain = gradient(scratch, from_files);
  for (const std::string strategy :
       {"reverse_vjp", "reverse_checkpointed", "jacobian_literal", "jacobian_literal_dense", "jacobian_prefix",
        "jacobian_forward", "jacobian_forward_kronecker", "jacobian_structured", "jacobian_bracketed", "forward_mode",
        "complex_step", "reference", "enclosure", "central_difference", "forward_difference", "ridders"}) {
    INFO(strategy);
    const bool estimated = strategy.find("difference") != std::string::npos || strategy == "ridders";
    const Results results = gradient(scratch, from_files + "--strategy " + strategy);
    CHECK(difference(results.gradient.values, plain.gradient.values) < (estimated ? 1e-6 : 1e-14));
    CHECK(difference(results.input.values, plain.input.values) < (estimated ? 1e-6 : 1e-14));
  }
}

TEST_CASE("gradient: the sum over the samples is the batch times the mean", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  const Results mean = gradient(scratch, from_files), sum = gradient(scratch, from_files + "--reduction sum");
  CHECK(sum.loss.values == scaled(mean.loss.values, 4));  // a power of two, hence without rounding
  CHECK(sum.gradient.values == scaled(mean.gradient.values, 4));
  CHECK(sum.input.values == scaled(mean.input.values, 4));
}

TEST_CASE("gradient: a batch is the mean of its samples", "[program][gradient]") {
  const Scratch scratch;
  put_data(scratch);
  const Results batch = gradient(scratch, from_files);
  Numbers sum(theta.size(), 0), inputs;
  double loss = 0;
  for (std::size_t s = 0; s < 4; ++s) {
    const auto row = x.begin() + static_cast<std::ptrdiff_t>(3 * s);
    put(scratch / "x.npy", npy<double>("<f8", Numbers(row, row + 3), "(1, 3)"));
    put(scratch / "y.npy", npy<std::int64_t>("<i8", {s == 1 || s == 2 ? 1.0 : 0.0}, "(1,)"));
    const Results one = gradient(scratch, from_files);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one.gradient.values[i];
    inputs.insert(inputs.end(), one.input.values.begin(), one.input.values.end());
    loss += one.loss.values[0];
  }
  CHECK(difference(scaled(sum, 0.25), batch.gradient.values) < 1e-15);
  CHECK(difference(scaled(inputs, 0.25), batch.input.values) < 1e-15);
  CHECK(loss / 4 == Approx(batch.loss.values[0]).epsilon(1e-15));
}

TEST_CASE("gradient: numbers as targets, in one dimension for one output", "[program][gradient]") {
  const Scratch scratch;
  const std::string line = "--network 'affine(2,1)' ", loss = from_files + "--loss squared_error ";
  put(scratch / "p.npy", npy<double>("<f8", {2, -1, 0.5}, "(3,)"));
  put(scratch / "x.npy", npy<double>("<f8", {1, 2, 3, 4}, "(2, 2)"));
  for (const std::string shape : {"(2,)", "(2, 1)"}) {  // z = 0.5, 2.5; z - y = 1.5, -0.5
    put(scratch / "y.npy", npy<double>("<f8", {-1, 3}, shape));
    const Results results = gradient(scratch, loss, line);
    CHECK(results.loss.values == Numbers{(2.25 + 0.25) / 2});
    CHECK(results.gradient.values == Numbers{1.5 * 1 - 0.5 * 3, 1.5 * 2 - 0.5 * 4, 1.5 - 0.5});
    CHECK(results.input.values == Numbers{1.5 * 2, -1.5, -0.5 * 2, 0.5});
  }
  put(scratch / "x.npy", npy<double>("<f8", {1, 2}, "(1, 2)"));  // z = W x + b = (-1.5, 6.5)
  put(scratch / "p.npy", npy<double>("<f8", {1, -1.5, 2, 2, 0.5, 0.5}, "(6,)"));
  put(scratch / "y.npy", npy<double>("<f8", {-2, 6}, "(1, 2)"));
  const Results two = gradient(scratch, loss, "--network 'affine(2,2)' ");
  CHECK(two.loss.values == Numbers{0.25 + 0.25});
  CHECK(two.gradient.values == Numbers{1, 2, 1, 2, 1, 1});
  CHECK(two.input.values == Numbers{1 + 2, -1.5 + 2});
}

TEST_CASE("gradient: the defaults are named, and made data depend on the seed alone", "[program][gradient]") {
  const Scratch scratch;
  const Results plain = gradient(scratch, "");
  CHECK(plain.input.shape == std::vector<Index>{4, 3});
  const std::string named =
      "--loss softmax_cross_entropy --reduction mean --data synthetic --batch 4 --seed 1 --init glorot --gain 1 "
      "--strategy reverse_vjp --scalar double --threads 1";
  CHECK(same(gradient(scratch, named), plain));
  CHECK(same(gradient(scratch, "--threads 3"), plain));
  CHECK_FALSE(same(gradient(scratch, "--seed 2"), plain));
  CHECK(gradient(scratch, "--data digits --batch 5", "--network 'affine(64,10)' ").input.shape ==
        std::vector<Index>{5, 64});
}

TEST_CASE("gradient: check judges the tensors inside residuals one by one", "[program][gradient]") {
  const Scratch scratch;
  const std::vector<double> weights{0.3, -0.2, 0.5, 0.7, 0.1, -0.4, 0.2, 0.6, -0.3, 0.8, 0.05, -0.15};
  write_npy(scratch / "p.npy", weights, {12});
  write_npy(scratch / "x.npy", std::vector<double>{0.5, -1, 2, 0.25, -0.75, 1.5}, {3, 2});
  put(scratch / "y.npy", npy<std::int64_t>("<i8", {0, 1, 1}, "(3,)"));
  const std::string data = "--network 'residual(affine(2,2) tanh affine(2,2))' " + from_files;
  CHECK(backprove("gradient --out out " + data, scratch / ".").status == 0);
  const std::string check = "check --scalar double --gradient out/gradient.npy " + data;
  const Finished right = backprove(check, scratch / ".");
  INFO(right.out << right.err);
  CHECK(right.status == 0);
  for (const char* name :
       {"layer 1, residual, layer 1, affine(2,2), weight", "layer 1, residual, layer 3, affine(2,2), bias"})
    CHECK(right.out.find(name) != std::string::npos);
  std::vector<double> wrong = read_npy(scratch / "out/gradient.npy").values;
  wrong[6] *= -1;  // the first weight of the inner network's third layer
  write_npy(scratch / "out/gradient.npy", wrong, {12});
  const Finished failed = backprove(check, scratch / ".");
  CHECK(failed.status == 1);
  CHECK(failed.out.find("FAIL(formula)     layer 1, residual, layer 3, affine(2,2), weight") != std::string::npos);
  CHECK(failed.out.find("FAIL", failed.out.find("FAIL") + 1) == std::string::npos);
}

TEST_CASE("gradient: what is not finite is written, said, and status 1", "[program][gradient]") {
  const Scratch scratch;
  put(scratch / "p.npy", npy<double>("<f8", {1e200, 0}, "(2,)"));
  put(scratch / "x.npy", npy<double>("<f8", {1e200}, "(1, 1)"));
  put(scratch / "y.npy", npy<double>("<f8", {0}, "(1, 1)"));
  const Finished run =
      backprove("gradient --out out --network 'affine(1,1)' --loss squared_error " + from_files, scratch / ".");
  CHECK(run.status == 1);
  CHECK(run.out.find("3 of 3 entries are not finite") != std::string::npos);
  CHECK(std::isinf(read_npy(scratch / "out/gradient.npy").values[0]));
}

}  // namespace
}  // namespace backprove::test
