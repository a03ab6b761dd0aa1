#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/record/row.hpp"

namespace backprove {

/// Rows as long CSV in the order given, one quantity a line, after a line with the columns cell, network, depth, width,
/// batch, loss, data, seed, strategy, scalar, kernel, threads, quantity, value, unit, status, note, options.
/// `cell` is the cell's id. Numbers have 17 significant digits, or are nan, inf, -inf. Texts that hold a comma, a quote
/// or a line end are quoted as in RFC 4180; lines end with a line feed alone. `options` is key=value;key=value with
/// sorted keys, where %, ; and = inside a key or value are written %25, %3B and %3D.
std::string rows_csv(std::span<const Row> rows);

/// `rows_csv` into a file, whole or not at all. Errors: std::runtime_error.
void write_rows_csv(const std::filesystem::path& path, std::span<const Row> rows);

}  // namespace backprove
