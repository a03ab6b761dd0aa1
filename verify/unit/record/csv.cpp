#include "core/record/csv.hpp"

#include <limits>
#include <string>
#include <vector>

#include "core/io/file.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"
#include "verify/unit/record/sample_rows.hpp"

namespace backprove::test {
namespace {

const std::string header =
    "cell,network,depth,width,batch,loss,data,seed,strategy,scalar,kernel,threads,quantity,value,unit,status,note,"
    "options\n";

}  // namespace

TEST_CASE("csv: columns, 17 digits, nan and inf, quoting", "[record][csv]") {
  const std::string start =
      sample_cell().id() +
      ",\"affine(8,4) tanh affine(4,2)\",2,8,3,softmax_cross_entropy,digits,18446744073709551615,reverse_vjp,double,"
      "generic,2,";
  const std::string end = ",reduction=mean;train=300\n";
  CHECK(rows_csv({}) == header);
  CHECK(rows_csv(sample_rows()) == header + start + "error_max_relative,0.30000000000000004,1,ok," + end + start +
                                       "max_ulp,nan,ulp,nonfinite,\"a \"\"note\"\", with\na line end and \xc3\xa9\"" +
                                       end + start + "error_over_bound,-inf,1,failed," + end);
}

TEST_CASE("csv: every text may hold anything, and options stay separable", "[record][csv]") {
  Cell cell;
  cell.network = "a\"b";
  cell.data = "c\rd";
  cell.options = {{"b;=%", "x=1;y%"}, {"a", "p,q"}};
  const std::string csv = rows_csv(std::vector<Row>{make_row(cell, "loss", 1e300), make_row(cell, "loss", -0.0)});
  CHECK(csv.find(",\"a\"\"b\",0,0,0,,\"c\rd\",0,,,,1,loss,1.0000000000000001e+300,1,ok,,"
                 "\"a=p,q;b%3B%3D%25=x%3D1%3By%25\"\n") != std::string::npos);
  CHECK(csv.find("loss,-0,1,ok") != std::string::npos);
}

TEST_CASE("csv: rows of several cells keep their order and their ids", "[record][csv]") {
  const Scratch scratch;
  std::vector<Row> rows{sample_rows(1)[0], sample_rows(0)[0], sample_rows(1)[0]};
  write_rows_csv(scratch / "rows.csv", rows);
  const std::string csv = text_of(scratch / "rows.csv");
  const std::size_t first = csv.find('\n') + 1;
  const std::size_t second = csv.find('\n', first) + 1;
  const std::size_t third = csv.find('\n', second) + 1;
  CHECK(csv.substr(first, 16) == sample_cell(1).id());
  CHECK(csv.substr(second, 16) == sample_cell(0).id());
  CHECK(csv.substr(first, second - first) == csv.substr(third));
  CHECK(scratch.entries() == 1);
  CHECK(message_of<std::runtime_error>([&] { write_rows_csv("/dev/full", rows); }) ==
        "cannot write '/dev/full': No space left on device");
}

}  // namespace backprove::test
