#include "core/record/csv.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string_view>

#include "core/io/file.hpp"

namespace backprove {
namespace {

constexpr std::string_view columns =
    "cell,network,depth,width,batch,loss,data,seed,strategy,scalar,kernel,threads,quantity,value,unit,status,note,"
    "options\n";

std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted_text = "\"";
  for (const char c : text) {
    if (c == '"') quoted_text += '"';
    quoted_text += c;
  }
  return quoted_text + '"';
}

std::string number(double value) {
  if (std::isnan(value)) return "nan";
  return fmt::format("{:.17g}", value);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == ';' || c == '=') {
      out += fmt::format("%{:02X}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string options_text(const Cell& cell) {
  std::string out;
  for (const auto& [key, value] : cell.options) {
    out += fmt::format("{}{}={}", out.empty() ? "" : ";", escaped(key), escaped(value));
  }
  return out;
}

}  // namespace

std::string rows_csv(std::span<const Row> rows) {
  std::string csv(columns);
  const Cell* last = nullptr;
  std::string id;
  for (const Row& row : rows) {
    const Cell& cell = row.cell;
    if (last == nullptr || !(*last == cell)) id = cell.id();
    last = &cell;
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},{},{},", id, field(cell.network), cell.depth, cell.width,
                   cell.batch, field(cell.loss), field(cell.data), cell.seed);
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},{},{},{},{}\n", field(cell.strategy), field(cell.scalar),
                   field(cell.kernel), cell.threads, field(row.quantity), number(row.value), field(row.unit),
                   name_of(row.status), field(row.note), field(options_text(cell)));
  }
  return csv;
}

void write_rows_csv(const std::filesystem::path& path, std::span<const Row> rows) { write_text(path, rows_csv(rows)); }

}  // namespace backprove
