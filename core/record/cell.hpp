#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/types.hpp"

namespace backprove {

/// Everything that determines one run, and nothing else: two runs of equal cells give equal rows, times apart.
struct Cell {
  /// Network text in its canonical form.
  std::string network;
  /// Derived from the network, kept for the tables: layers with parameters, and the widest of them.
  Index depth = 0, width = 0;
  /// Samples.
  Index batch = 0;
  std::string loss, data;
  std::uint64_t seed = 0;
  std::string strategy, scalar, kernel;
  int threads = 1;
  /// Whatever else the result depends on, by name: reduction, train, initialisation, digits, ...
  std::map<std::string, std::string> options;

  /// Content address: `hash_text` of the canonical JSON of all fields (keys sorted, no white space, UTF-8).
  std::string id() const;

  bool operator==(const Cell&) const = default;
};

/// All fields as a JSON object, keys sorted.
nlohmann::json to_json(const Cell& cell);

/// The inverse. Errors: std::invalid_argument when a field is missing, unknown, of another type or out of range.
Cell cell_from_json(const nlohmann::json& json);

}  // namespace backprove
