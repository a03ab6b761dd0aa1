#include "core/record/row.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/record/hash.hpp"
#include "core/record/quantities.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"
#include "verify/unit/record/sample_rows.hpp"

namespace backprove::test {

TEST_CASE("hash: FNV-1a with 128 bits, its halves combined", "[record][hash]") {
  // The published 128-bit values are 6c62272e07bb0142 62b821756295c58d, d228cb696f1a8caf 78912b704e4a8964 and
  // 343e1662793c64bf 6f0d3597ba446f18.
  CHECK(hash_text("") == "0eda065b652ec4cf");
  CHECK(hash_text("a") == "aab9e019215005cb");
  CHECK(hash_text("foobar") == "5b3323f5c3780ba7");
}

TEST_CASE("cell: the id is a function of every field and of nothing else", "[record][cell]") {
  const Cell cell = sample_cell();
  CHECK(cell.id() == sample_cell().id());
  CHECK(cell.id() ==
        hash_text(R"j({"batch":3,"data":"digits","depth":2,"kernel":"generic","loss":"softmax_cross_entropy",)j"
                  R"j("network":"affine(8,4) tanh affine(4,2)","options":{"reduction":"mean","train":"300"},)j"
                  R"j("scalar":"double","seed":18446744073709551615,"strategy":"reverse_vjp","threads":2,)j"
                  R"j("width":8})j"));
  const std::vector<std::function<void(Cell&)>> changes{[](Cell& c) { c.network += " "; },
                                                        [](Cell& c) { c.depth++; },
                                                        [](Cell& c) { c.width++; },
                                                        [](Cell& c) { c.batch++; },
                                                        [](Cell& c) { c.loss = ""; },
                                                        [](Cell& c) { c.data = ""; },
                                                        [](Cell& c) { c.seed--; },
                                                        [](Cell& c) { c.strategy = ""; },
                                                        [](Cell& c) { c.scalar = "float"; },
                                                        [](Cell& c) { c.kernel = "fast"; },
                                                        [](Cell& c) { c.threads++; },
                                                        [](Cell& c) { c.options["train"] = "0"; },
                                                        [](Cell& c) { c.options["new"] = ""; },
                                                        [](Cell& c) { c.options.clear(); }};
  std::set<std::string> ids{cell.id()};
  for (const auto& change : changes) {
    Cell other = cell;
    change(other);
    CHECK_FALSE(other == cell);
    CHECK(ids.insert(other.id()).second);
    CHECK(cell_from_json(to_json(other)) == other);
  }
  Cell bytes = cell;
  bytes.data = "\xff\xfe";  // not UTF-8: still has an id
  CHECK(bytes.id().size() == 16);
}

TEST_CASE("row: JSON and back, to the last bit, with what JSON has no number for", "[record][row]") {
  for (const double value : {0.1, 1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308, 3.0, 9007199254740993.0,
                             std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(value);
    const Row row = make_row(sample_cell(), "error_over_bound", value, Status::inconclusive, "why");
    const Row back = row_from_json(nlohmann::json::parse(to_json(row).dump()));
    CHECK((std::isnan(value) ? std::isnan(back.value) : back.value == value));
    CHECK(std::signbit(back.value) == std::signbit(row.value));
    CHECK(back.cell == row.cell);
    CHECK(to_json(back) == to_json(row));
  }
}

TEST_CASE("row: a field that is missing, unknown or wrong is named", "[record][row]") {
  const nlohmann::json good = to_json(sample_rows()[0]);
  const auto message = [&](const std::function<void(nlohmann::json&)>& spoil) {
    nlohmann::json bad = good;
    spoil(bad);
    return message_of<std::invalid_argument>([&] { row_from_json(bad); });
  };
  using J = nlohmann::json;
  CHECK(message([](J& j) { j = 3; }) == "row: expected an object, got 3");
  CHECK(message([](J& j) { j.erase("note"); }) == "row: expected 6 fields, got 5");
  CHECK(message([](J& j) { j["more"] = 1; }) == "row: expected 6 fields, got 7");
  CHECK(message([](J& j) { j.erase("note"), j["nota"] = ""; }) == "row: 'note' is missing");
  CHECK(message([](J& j) { j["value"] = "NaN"; }) ==
        "row: expected a number, \"nan\", \"inf\" or \"-inf\" in 'value', got string");
  CHECK(message([](J& j) { j["value"] = nullptr; }).ends_with("in 'value', got null"));
  CHECK(message([](J& j) { j["unit"] = 1; }) == "row: expected a text in 'unit', got 1");
  CHECK(message([](J& j) { j["status"] = "fine"; }) ==
        "unknown status 'fine'; known are: ok failed unsupported limit inconclusive nonfinite");
  CHECK(message([](J& j) { j["cell"] = J::array(); }) == "cell: expected an object, got array");
  CHECK(message([](J& j) { j["cell"]["depth"] = -1; }).starts_with("cell: expected a whole number from 0 to"));
  CHECK(message([](J& j) { j["cell"]["depth"] = 1.5; }).ends_with("in 'depth', got 1.5"));
  CHECK(message([](J& j) { j["cell"]["batch"] = 1ULL << 63; }).ends_with("in 'batch', got 9223372036854775808"));
  CHECK(message([](J& j) { j["cell"]["threads"] = 1ULL << 31; }).ends_with("in 'threads', got 2147483648"));
  CHECK(message([](J& j) { j["cell"]["options"] = ""; }) == "cell: expected an object in 'options', got string");
  CHECK(message([](J& j) { j["cell"]["options"]["train"] = 3; }) == "cell: expected texts in 'options', got 3");
}

TEST_CASE("status: names go both ways", "[record][row]") {
  for (const Status status :
       {Status::ok, Status::failed, Status::unsupported, Status::limit, Status::inconclusive, Status::nonfinite}) {
    CHECK(status_named(name_of(status)) == status);
  }
  CHECK(name_of(Status::nonfinite) == "nonfinite");
}

TEST_CASE("quantities: one table, unique names, a unit and a meaning each, times apart", "[record][quantities]") {
  std::set<std::string_view> names;
  for (const Quantity& quantity : quantities()) {
    CAPTURE(quantity.name);
    CHECK(names.insert(quantity.name).second);
    CHECK_FALSE(quantity.unit.empty());
    CHECK_FALSE(quantity.meaning.empty());
    // Times, rates, and what else depends on the machine at the moment.
    const std::set<std::string_view> of_the_moment{"ratio_to_loss",
                                                   "noise_floor",
                                                   "peak_bytes",
                                                   "heap_peak_bytes",
                                                   "fraction_of_limit",
                                                   "ratio_to_peer",
                                                   "best_ratio_to_peer",
                                                   "predicted_ratio_to_loss",
                                                   "restart_spread",
                                                   "working_bytes",
                                                   "speedup",
                                                   "ratio_to_reverse"};
    const bool timed = quantity.unit == "s" || quantity.unit.ends_with("/s") || of_the_moment.contains(quantity.name);
    CHECK(quantity.reproducible == !timed);
    CHECK(&quantity_named(quantity.name) == &quantity);
  }
  CHECK(message_of<std::invalid_argument>([] {
          quantity_named("speed");
        }).starts_with("unknown quantity 'speed'; known are: "));
  CHECK_THROWS_AS(make_row(sample_cell(), "speed", 1), std::invalid_argument);
  CHECK(make_row(sample_cell(), "seconds", 1).unit == "s");
}

}  // namespace backprove::test
