#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/record/cell.hpp"

namespace backprove {

enum class Status {
  ok,            ///< measured, and where it is judged, accepted
  failed,        ///< measured and rejected, or the run ended with an error
  unsupported,   ///< there is a mathematical reason why this strategy cannot serve this cell; the note gives it
  limit,         ///< not run: it would exceed a limit on memory or operations; the value is the prediction
  inconclusive,  ///< measured, but the bound is too wide to accept or reject
  nonfinite      ///< the result holds NaN or an infinity
};

/// The name as it is written in files: that of the enumerator.
std::string_view name_of(Status status);
/// Errors: std::invalid_argument listing the names.
Status status_named(std::string_view name);

/// One measured quantity of one cell.
struct Row {
  Cell cell;
  /// A name from core/record/quantities.hpp, and its unit.
  std::string quantity;
  double value = 0;
  std::string unit;
  Status status = Status::ok;
  /// For people: a reason, a place, a comparison partner.
  std::string note;
};

/// A row whose unit comes from the table of quantities. Errors: std::invalid_argument when the quantity is unknown.
Row make_row(const Cell& cell, std::string_view quantity, double value, Status status = Status::ok,
             std::string note = "");

/// A JSON object. A value that JSON has no number for becomes the text "nan", "inf" or "-inf"; any other comes back to
/// the last bit.
nlohmann::json to_json(const Row& row);

/// The inverse. Errors: std::invalid_argument when a field is missing, unknown, of another type or out of range.
Row row_from_json(const nlohmann::json& json);

}  // namespace backprove
