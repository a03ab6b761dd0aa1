#include "core/record/row.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "core/io/printable.hpp"
#include "core/record/fields.hpp"
#include "core/record/quantities.hpp"

namespace backprove {
namespace {

constexpr std::array<std::string_view, 6> status_names{"ok",    "failed",       "unsupported",
                                                       "limit", "inconclusive", "nonfinite"};

nlohmann::json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number_from_json(const Fields& fields, const char* key) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const nlohmann::json& value = fields.at(key);
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return infinity;
  if (value == "-inf") return -infinity;
  fields.refuse(R"(a number, "nan", "inf" or "-inf")", key, value);
}

}  // namespace

std::string_view name_of(Status status) { return status_names.at(static_cast<std::size_t>(status)); }

Status status_named(std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (status_names[i] == name) return static_cast<Status>(i);
    known += fmt::format(" {}", status_names[i]);
  }
  throw std::invalid_argument(fmt::format("unknown status '{}'; known are:{}", printable(name, 32), known));
}

Row make_row(const Cell& cell, std::string_view quantity, double value, Status status, std::string note) {
  const Quantity& known = quantity_named(quantity);
  return {cell, std::string(known.name), value, std::string(known.unit), status, std::move(note)};
}

nlohmann::json to_json(const Row& row) {
  return {{"cell", to_json(row.cell)}, {"quantity", row.quantity},      {"value", number_to_json(row.value)},
          {"unit", row.unit},          {"status", name_of(row.status)}, {"note", row.note}};
}

Row row_from_json(const nlohmann::json& json) {
  const Fields fields(json, "row", 6);
  Row row;
  row.cell = cell_from_json(fields.at("cell"));
  row.quantity = fields.text("quantity");
  row.value = number_from_json(fields, "value");
  row.unit = fields.text("unit");
  row.status = status_named(fields.text("status"));
  row.note = fields.text("note");
  return row;
}

}  // namespace backprove
