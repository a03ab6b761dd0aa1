#include <limits>
#include <map>
#include <string>
#include <vector>

#include "verify/unit/catch.hpp"
#include "verify/unit/io/npy_bytes.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

namespace fs = std::filesystem;

/// A gradient from files, for a network of two inputs and two outputs, and the same with one of the files replaced.
const std::string task = "gradient --network 'affine(2,2)' --out out ";
std::string with(const std::string& argument, const std::string& file) {
  std::string line = task;
  for (const auto& [name, good] :
       std::map<std::string, std::string>{{"--params", "p.npy"}, {"--inputs", "x.npy"}, {"--targets", "y.npy"}})
    line += name + " " + (name == argument ? file : good) + " ";
  return line;
}
std::string params(const std::string& file) { return with("--params", file); }
std::string inputs(const std::string& file) { return with("--inputs", file); }
std::string targets(const std::string& file) { return with("--targets", file); }

std::string array(const std::string& descr, const std::string& shape, const std::string& data) {
  return npy_front(npy_dict(descr, shape)) + data;
}

/// Good and bad files under the names that the table uses.
void put_files(const Scratch& scratch) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::string six = raw({0.1, 0.2, 0.3, 0.4, 0.5, 0.6}), good = array("<f8", "(6,)", six);
  put(scratch / "p.npy", good);
  put(scratch / "x.npy", array("<f8", "(3, 2)", six));
  put(scratch / "y.npy", array("<i8", "(3,)", raw<std::int64_t>({0, 1, 1})));
  put(scratch / "empty_file.npy", "");
  put(scratch / "magic.npy", "PK\x03\x04 not an array");
  put(scratch / "version.npy", npy_front(npy_dict("<f8", "(6,)"), 9) + six);
  put(scratch / "cut_header.npy", good.substr(0, 30));
  put(scratch / "cut_data.npy", good.substr(0, good.size() - 1));
  put(scratch / "trailing.npy", good + "x");
  put(scratch / "promises.npy", array("<f8", "(1000000000000, 2)", six));
  put(scratch / "overflows.npy", array("<f8", "(9223372036854775807, 9)", six));
  put(scratch / "objects.npy", array("|O", "(6,)", six));
  put(scratch / "complex.npy", array("<c16", "(3,)", six));
  put(scratch / "strings.npy", array("<U2", "(6,)", six));
  put(scratch / "structured.npy",
      npy_front("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,), }\n") + six);
  put(scratch / "three.npy", array("<f8", "(1, 3, 2)", six));
  put(scratch / "half.npy", array("<f2", "(6,)", std::string(12, '\0')));
  put(scratch / "five.npy", array("<f8", "(5,)", raw({1., 2., 3., 4., 5.})));
  put(scratch / "square.npy", array("<f8", "(2, 3)", six));
  put(scratch / "nan.npy", array("<f8", "(3, 2)", raw({0.1, 0.2, nan, 0.4, 0.5, 0.6})));
  put(scratch / "inf.npy", array("<f8", "(6,)", raw({0.1, 0.2, 0.3, 0.4, inf, 0.6})));
  put(scratch / "large.npy", array("<f8", "(6,)", raw({0.1, 0.2, 0.3, 0.4, 1e300, 0.6})));
  put(scratch / "no_samples.npy", array("<f8", "(0, 2)", ""));
  put(scratch / "no_features.npy", array("<f8", "(3, 0)", ""));
  put(scratch / "flat.npy", array("<f8", "(3,)", raw({1., 2., 3.})));
  put(scratch / "label_high.npy", array("<i8", "(3,)", raw<std::int64_t>({0, 2, 1})));
  put(scratch / "label_low.npy", array("<i8", "(3,)", raw<std::int64_t>({0, -1, 1})));
  put(scratch / "label_fraction.npy", array("<f8", "(3,)", raw({0., 0.5, 1.})));
  put(scratch / "labels_four.npy", array("<i8", "(4,)", raw<std::int64_t>({0, 1, 1, 0})));
  put(scratch / "probability.npy", array("<f8", "(3, 2)", raw({0.1, 0.2, 1.25, 0.4, 0.5, 0.6})));
  put(scratch / "values_nan.npy", array("<f8", "(3, 2)", raw({0.1, nan, 1.25, 0.4, 0.5, 0.6})));
  put(scratch / "a_file", "in the way");
}

struct Case {
  std::string what, line, expected;
};

const std::vector<Case>& array_cases() {
  static const std::vector<Case> list{
      {"no such file", params("nowhere.npy"), "cannot read 'nowhere.npy': No such file"},
      {"a folder", params("."), "expected a file, got a directory"},
      {"empty file", params("empty_file.npy"), "expected a .npy file"},
      {"no .npy file", params("magic.npy"), "magic.npy: expected a .npy file"},
      {"format version 9", params("version.npy"), "expected 1.0, 2.0 or 3.0"},
      {"cut in the header", params("cut_header.npy"), "cut .npy file: the header promises"},
      {"cut in the data", params("cut_data.npy"),
       "promises 48 bytes of data for shape (6,) with items of 8 bytes, 47 are there"},
      {"bytes behind the data", params("trailing.npy"), "49 are there"},
      {"10^12 rows", inputs("promises.npy"), "promises 16000000000000 bytes of data for shape (1000000000000, 2)"},
      {"more rows than there are numbers", inputs("overflows.npy"), "promises shape (9223372036854775807, 9)"},
      {"Python objects", params("objects.npy"), "(Python objects) is not read; expected float32, float64"},
      {"complex numbers", params("complex.npy"), "(complex) is not read"},
      {"strings", params("strings.npy"), "(strings) is not read"},
      {"structured", params("structured.npy"), "structured dtype"},
      {"three dimensions", inputs("three.npy"), "more than 2 dimensions"},
      {"float16", params("half.npy"), "(float16) is not read"},
      {"too few parameters", params("five.npy"),
       "--params expects 6 numbers in one dimension for this network, got shape (5,)"},
      {"parameters as a matrix", params("square.npy"),
       "--params expects 6 numbers in one dimension for this network, got shape (2, 3)"},
      {"an infinite parameter", params("inf.npy"), "--params: expected finite numbers, got inf at [4]"},
      {"a parameter beyond float", params("large.npy") + "--scalar float",
       "the data hold 1e+300; expected numbers that are finite in float"},
      {"NaN among the inputs", inputs("nan.npy"), "--inputs: expected finite numbers, got nan at [1, 0]"},
      {"other features", inputs("square.npy"), "--inputs expects samples x 2 features, got 2 x 3"},
      {"one dimension, two features", inputs("flat.npy"), "--inputs expects samples x 2 features, got 3 x 1"},
      {"no samples", inputs("no_samples.npy"), "--inputs expects at least one sample, got none"},
      {"no features", inputs("no_features.npy"), "--inputs expects samples x 2 features, got 3 x 0"},
      {"a label too high", targets("label_high.npy"), "expects class indices from 0 to 1, got 2 for sample 1"},
      {"a negative label", targets("label_low.npy"), "expects class indices from 0 to 1, got -1 for sample 1"},
      {"a fractional label", targets("label_fraction.npy"), "expects class indices from 0 to 1, got 0.5 for sample 1"},
      {"more targets than samples", targets("labels_four.npy"),
       "expects targets for 3 samples with 1 class index, got 4 samples"},
      {"values for a loss of classes", targets("x.npy"),
       "expects targets for 3 samples with 1 class index, got 3 samples with 2"},
      {"classes for cross_entropy", targets("x.npy") + "--loss cross_entropy",
       "cross_entropy expects targets for 3 samples with 1 class index"},
      {"classes for squared_error", targets("y.npy") + "--loss squared_error",
       "squared_error expects targets for 3 samples with 2 values"},
      {"classes for binary_cross_entropy", targets("y.npy") + "--loss binary_cross_entropy",
       "binary_cross_entropy expects targets for 3 samples with 2 values"},
      {"classes for sigmoid_cross_entropy", targets("y.npy") + "--loss sigmoid_cross_entropy",
       "sigmoid_cross_entropy expects targets for 3 samples with 2 values"},
      {"no probability", targets("probability.npy") + "--loss binary_cross_entropy",
       "expects targets from 0 to 1, got 1.25 for sample 1"},
      {"no probability for logits", targets("probability.npy") + "--loss sigmoid_cross_entropy",
       "expects targets from 0 to 1, got 1.25 for sample 1"},
      {"NaN among the targets", targets("values_nan.npy") + "--loss squared_error",
       "--targets: expected finite numbers, got nan at [0, 1]"},
      {"parameters without inputs", task + "--params p.npy", "--params, --inputs and --targets go together"},
      {"no targets", task + "--params p.npy --inputs x.npy", "give all three or none"},
  };
  return list;
}

std::string gradient_of(const std::string& network) { return "gradient --out out --network '" + network + "' "; }

const std::vector<Case>& network_cases() {
  static const std::vector<Case> list{
      {"empty network", gradient_of(""), "expected at least one piece"},
      {"unclosed bracket", gradient_of("affine(2,2"),
       "expected ',' or ')' to close 'affine(' opened at column 1, got the end of the text"},
      {"a bracket too many", gradient_of("affine(2,2))"), "got ')' that closes nothing"},
      {"unknown layer", gradient_of("affine(2,2) tahn"), "layer 2 'tahn' is no known layer; known are: affine"},
      {"a width of 0", gradient_of("affine(2,0)"), "widths are whole numbers from 1 to 1000000, got '0'"},
      {"a width of 10^20", gradient_of("affine(2,100000000000000000000)"),
       "from 1 to 1000000, got '100000000000000000000'"},
      {"a negative width", gradient_of("affine(2,-3)"), "widths are whole numbers from 1 to 1000000, got '-3'"},
      {"one width of two", gradient_of("affine(2)"), "layer 1 'affine(2)' expects two numbers, as in affine(64,32)"},
      {"widths that do not fit", gradient_of("affine(2,3) affine(4,2)"),
       "layer 2 'affine(4,2)' expects 4 inputs, got 3"},
      {"residual of unequal widths", gradient_of("residual(affine(2,3))"),
       "expects a sub-network of equal width, got 2 inputs and 3 outputs"},
      {"residual around nothing", gradient_of("affine(2,2) residual"),
       "expects a sub-network, as in residual(affine(8,8) tanh)"},
      {"unknown layer inside", gradient_of("residual(affine(2,2) foo)"), "inside it: layer 2 'foo' is no known layer"},
      {"tanh first", gradient_of("tanh"), "layer 1 'tanh' is the first layer and needs its width, as in tanh(8)"},
      {"too large for any memory", gradient_of("affine(1000000,1000000)"),
       "the data of this network needs about 8e+12 bytes, the limit is 4.29e+09; raise --memory"},
      {"too large for the limit", gradient_of("affine(40000,40000)"), "the limit is 4.29e+09; raise --memory"},
      {"too many operations", gradient_of("affine(2,2)") + "--operations 3",
       "multiplications, the limit is 3; raise --memory or --operations"},
      {"rational numbers have no tanh", gradient_of("affine(2,2) tanh") + "--scalar cpp_rational",
       "tanh needs tanh, which has no rational values"},
      {"digits with 32 inputs", gradient_of("affine(32,10)") + "--data digits",
       "the digits have 64 features and 10 classes; the network has 32 inputs"},
      {"more digits than there are", gradient_of("affine(64,10)") + "--data digits --batch 1798",
       "the digits are 1797 images; a batch of 1798 was asked for"},
  };
  return list;
}

const std::vector<Case>& usage_cases() {
  static const std::string good = task, verify = "verify --out out --network 'affine(2,2)' ",
                           sweep = "verify --out out ";
  static const std::vector<Case> list{
      {"nothing", "", "subcommand is required"},
      {"unknown subcommand", "prove",
       "unknown subcommand 'prove'; expected list, gradient, verify, check, mutants, rules, norms, bench or limits"},
      {"unknown option", good + "--bogus 3", "--bogus"},
      {"unknown topic", "list layres",
       "list expects layers, losses, strategies, scalars, kernels, networks, quantities, peers or sweeps, got "
       "'layres'"},
      {"missing network", "gradient --out out", "--network is required"},
      {"missing --out", "gradient --network 'affine(2,2)'", "--out is required"},
      {"empty --out", "gradient --network 'affine(2,2)' --out ''", "--out: expected a folder, got nothing"},
      {"option without value", "gradient --network 'affine(2,2)' --out", "--out: 1 required TEXT missing"},
      {"unknown loss", good + "--loss l2", "unknown loss 'l2'; known are: binary_cross_entropy"},
      {"unknown strategy", good + "--strategy backprop", "unknown strategy 'backprop'; known are: central_difference"},
      {"unknown scalar", good + "--scalar half", "unknown scalar 'half'; known are: complex"},
      {"scalar that only serves", good + "--scalar running_error", "scalar 'running_error' only serves others"},
      {"unknown enclosure", verify + "--enclosure balls", "unknown enclosure 'balls'; known are: auto arb mpfi"},
      {"unknown enclosure of gradient", good + "--enclosure ''", "unknown enclosure ''; known are: auto arb mpfi"},
      {"unknown data", good + "--data mnist", "--data expects synthetic or digits, got 'mnist'"},
      {"unknown initialisation", good + "--init zeros", "--init expects glorot, he, orthogonal or scaled, got 'zeros'"},
      {"unknown reduction", good + "--reduction none", "--reduction expects mean or sum, got 'none'"},
      {"batch 0", good + "--batch 0", "--batch: expected a whole number from 1 to 1000000, got '0'"},
      {"batch -1", good + "--batch -1", "--batch: expected a whole number from 1 to 1000000, got '-1'"},
      {"batch 10^20", good + "--batch 100000000000000000000", "got '100000000000000000000'"},
      {"batch 1.5", good + "--batch 1.5", "got '1.5'"},
      {"batch in octal", good + "--batch 0x10", "got '0x10'"},
      {"batch of letters", good + "--batch many", "got 'many'"},
      {"threads 0", good + "--threads 0", "--threads: expected a whole number from 1 to 1024, got '0'"},
      {"negative seed", good + "--seed -1", "--seed: expected a whole number from 0 to 18446744073709551615, got '-1'"},
      {"seed beyond 64 bits", good + "--seed 18446744073709551616", "got '18446744073709551616'"},
      {"gain nan", good + "--gain nan", "--gain: expected a positive number, got 'nan'"},
      {"gain 0", good + "--gain 0", "--gain: expected a positive number, got '0'"},
      {"gain beyond float", good + "--gain 1e300 --scalar float", "expected numbers that are finite in float"},
      {"digits 5", good + "--digits 5", "--digits: expected a whole number from 30 to 1000, got '5'"},
      {"memory 0", good + "--memory 0", "--memory: expected a positive number, got '0'"},
      {"memory inf", good + "--memory 1e400", "--memory: expected a positive number, got '1e400'"},
      {"operations of letters", good + "--operations few", "--operations: expected a positive number, got 'few'"},
      {"step factor 0", good + "--step-factor 0", "--step-factor: expected a positive number, got '0'"},
      {"a step factor of letters", verify + "--step-factor 1,small", "got 'small'"},
      {"norms without a folder", "norms --depth 2", "--out is required"},
      {"norms of no samples", "norms --depth 2 --batch 0 --out nowhere", "--batch: expected a whole number from 1"},
      {"norms of an unknown layer", "norms --network 'affine(2,2) than' --out nowhere", "'than'"},
      {"depth 0", sweep + "--depth 0", "--depth: expected a whole number from 1 to 10000, got '0'"},
      {"a bad depth among good ones", sweep + "--depth 2,4x", "got '4x'"},
      {"width 0", sweep + "--width 8,0", "--width: expected a whole number from 1 to 1000000, got '0'"},
      {"unknown activation", sweep + "--activation than", "'than' is no known layer"},
      {"negative train", verify + "--train -5", "--train: expected a whole number from 0 to 1000000000, got '-5'"},
      {"negative jobs", verify + "--jobs -1", "--jobs: expected a whole number from 0 to 1024, got '-1'"},
      {"network and depth", verify + "--depth 3", "--network and --depth exclude each other"},
      {"network and activation", verify + "--activation relu", "--network and --activation exclude each other"},
      {"empty item in a list", verify + "--scalar float,,double", "--scalar: expected a list without empty items"},
      {"list that ends in a comma", sweep + "--depth=2,", "--depth: expected a list without empty items"},
      {"empty item in a later list", verify + "--threads 1 2,,4", "--threads: expected a list without empty items"},
      {"empty activation", sweep + "--activation tanh,", "expected a list without empty items, as in a,b, got 'tanh,'"},
      {"unknown strategy in a list", verify + "--strategy reverse_vjp,x", "unknown strategy 'x'"},
      {"digits in a sweep", verify + "--data digits", "the digits have 64 features and 10 classes"},
      {"output below a file", "gradient --network 'affine(2,2)' --out a_file",
       "cannot write 'a_file': Not a directory"},
      {"sweep below a file", "verify --network 'affine(2,2)' --out a_file/x",
       "cannot write 'a_file/x': Not a directory"},
      {"output in /proc", "gradient --network 'affine(2,2)' --out /proc/x",
       "cannot write '/proc/x': No such file or directory"},
      {"sweep in /proc", "verify --network 'affine(2,2)' --out /proc/x", "cannot write '/proc/x'"},
  };
  return list;
}

const std::vector<Case>& check_cases() {
  static const std::string files = "--params p.npy --inputs x.npy --targets y.npy ",
                           check = "check --network 'affine(2,2)' " + files;
  static const std::vector<Case> list{
      {"no gradient", check, "--gradient is required"},
      {"gradient that is not there", check + "--gradient nowhere.npy", "cannot read 'nowhere.npy'"},
      {"gradient of five", check + "--gradient five.npy", "--gradient expects 6 numbers in one dimension"},
      {"gradient as a matrix", check + "--gradient square.npy", "got shape (2, 3)"},
      {"gradient of objects", check + "--gradient objects.npy", "objects.npy: dtype '|O' (Python objects) is not read"},
      {"gradient of integers", check + "--gradient labels_four.npy", "--gradient expects float32 or float64 numbers"},
      {"cut gradient", check + "--gradient cut_data.npy", "cut_data.npy: the header promises 48 bytes"},
      {"input gradient of another shape", check + "--gradient p.npy --input-gradient square.npy",
       "--input-gradient expects 3 samples x 2 features, got shape (2, 3)"},
      {"unknown scalar", check + "--gradient p.npy --scalar half", "unknown scalar 'half'"},
      {"no bfloat16 values", check + "--gradient p.npy --scalar bfloat16", "--params expects bfloat16 values, got 0.1"},
      {"resolution below zero", check + "--gradient p.npy --resolution -1", "expected a positive number, got '-1'"},
      {"parameters that are not finite",
       "check --network 'affine(2,2)' --params inf.npy --inputs x.npy --targets y.npy --gradient p.npy", "inf"},
      {"another network", "check --network 'affine(2,3)' " + files + "--gradient p.npy", "--params expects 9 numbers"},
      {"labels out of range",
       "check --network 'affine(2,2)' --params p.npy --inputs x.npy --targets label_high.npy --gradient p.npy",
       "class"},
      {"unknown reduction", check + "--gradient p.npy --reduction median", "expects mean or sum, got 'median'"},
      {"mutants without a folder", "mutants", "--out is required"},
      {"unknown mutant", "mutants --only nobody --out nowhere", "'nobody' is neither a mutant"},
      {"rules without a folder", "rules", "--out is required"},
      {"rules into a file", "rules --out a_file", "a_file"},
      {"random networks of a given text", "verify --out out --random 3 --network 'affine(2,2)'",
       "--random draws what --network sets"},
      {"no random networks", "verify --out out --random 0", "expected a whole number from 1 to 1000000, got '0'"},
      {"sketch of a word", "verify --out out --network 'affine(2,2)' --sketch many", "expected a whole number"},
  };
  return list;
}

/// All files below a folder and what they hold.
std::map<std::string, std::string> snapshot(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().string()] = content(entry.path());
  return files;
}

void refuses(const std::vector<Case>& cases) {
  const Scratch scratch;
  put_files(scratch);
  const fs::path folder = scratch / ".";
  REQUIRE(backprove(with("", ""), folder).status == 0);
  REQUIRE(backprove("verify --network 'affine(2,2)' --strategy reverse_vjp --scalar double --out out", folder).status ==
          0);
  const auto before = snapshot(scratch / "out");
  REQUIRE(before.size() == 8);
  for (const Case& bad : cases) {
    const Finished run = backprove(bad.line, folder);
    INFO(bad.what << ": " << bad.line << "\nstdout: " << run.out << "\nstderr: " << run.err);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find("backprove: ") == 0);
    CHECK(run.err.find(bad.expected) != std::string::npos);
    CHECK(run.err.find("terminate") == std::string::npos);
    CHECK(snapshot(scratch / "out") == before);
  }
}

TEST_CASE("bad input: arrays and targets give one line and status 2", "[program][bad_input]") {
  refuses(array_cases());
}
TEST_CASE("bad input: networks give one line and status 2", "[program][bad_input]") { refuses(network_cases()); }
TEST_CASE("bad input: gradients from elsewhere give one line and status 2", "[program][bad_input]") {
  refuses(check_cases());
}
TEST_CASE("bad input: a verdict that cannot be written is printed all the same", "[program][bad_input]") {
  const Scratch scratch;
  put_files(scratch);
  const Finished run = backprove(
      "check --network 'affine(2,2)' --params p.npy --inputs x.npy --targets y.npy --gradient p.npy --json "
      "a_file/v.json",
      scratch / ".");
  CHECK(run.status == 2);
  CHECK(run.error_lines() == 1);
  CHECK(run.out.find("check: WRONG") != std::string::npos);
}
TEST_CASE("bad input: usage gives one line and status 2", "[program][bad_input]") { refuses(usage_cases()); }

TEST_CASE("bad input: a journal that is damaged before its last line is refused and kept", "[program][bad_input]") {
  const Scratch scratch;
  const std::string line = "verify --network 'affine(2,2)' --strategy reverse_vjp --scalar float,double --out out";
  REQUIRE(backprove(line, scratch / ".").status == 0);
  const fs::path journal = scratch / "out/journal.jsonl";
  const std::string good = content(journal);
  std::string damaged = good;
  damaged[good.find('\n') + 100] ^= 1;
  for (const auto& [bytes, expected] : {std::pair{damaged, std::string("journal.jsonl, line 2: the line is damaged")},
                                        std::pair{"{}\n" + good, std::string("line 1: expected a journal")}}) {
    put(journal, bytes);
    const Finished run = backprove(line, scratch / ".");
    INFO(run.err);
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find(expected) != std::string::npos);
    CHECK(content(journal) == bytes);
  }
}

TEST_CASE("bad input: output to a full device is an error", "[program][bad_input]") {
  const Scratch scratch;
  fs::create_symlink("/dev/full", scratch / "loss.npy");
  const Finished run = backprove("gradient --network 'affine(2,2)' --out .", scratch / ".");
  INFO(run.err);
  CHECK(run.status == 2);
  CHECK(run.err == "backprove: cannot write './loss.npy': No space left on device\n");
}

}  // namespace
}  // namespace backprove::test
