#include "core/record/journal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>

#include "core/io/printable.hpp"
#include "core/record/fields.hpp"
#include "core/record/hash.hpp"

namespace backprove {
namespace {

constexpr std::string_view header_line = "{\"backprove_journal\":1}\n";
constexpr std::string_view checksum_begin = R"(,"checksum":")";
constexpr std::string_view checksum_end = "\"}";
constexpr std::size_t checksum_length = 16;
/// Record, list of rows, row, cell, options.
constexpr int deepest = 5;

/// The line without its checksum field. Errors: std::invalid_argument when there is none or it does not fit.
std::string_view checked_body(std::string_view line) {
  const std::size_t tail = checksum_begin.size() + checksum_length + checksum_end.size();
  const std::size_t body = line.size() - std::min(tail, line.size());
  if (line.size() < tail || line.substr(body, checksum_begin.size()) != checksum_begin ||
      !line.ends_with(checksum_end)) {
    throw std::invalid_argument(
        fmt::format("expected a checksum at the end of the line, got '{}'",
                    printable(line.substr(line.size() - std::min<std::size_t>(24, line.size())))));
  }
  const std::string_view given = line.substr(body + checksum_begin.size(), checksum_length);
  const std::string expected = hash_text(line.substr(0, body));
  if (given != expected) {
    throw std::invalid_argument(
        fmt::format("the line is damaged: its checksum is '{}', its content gives '{}'", printable(given), expected));
  }
  return line.substr(0, body);
}

/// Bounds the memory that the JSON reader needs for a line: deep nesting costs most.
void require_shallow(std::string_view line) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[') && ++depth > deepest) {
      throw std::invalid_argument(fmt::format("expected JSON nested at most {} deep, got deeper", deepest));
    } else if (!quoted && (c == '}' || c == ']')) {
      --depth;
    }
  }
}

JournalRecord parse_record(std::string_view line) {
  checked_body(line);
  require_shallow(line);
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw std::invalid_argument("the line is not valid JSON");
  const Fields fields(json, "record", 3);
  JournalRecord record{fields.text("key"), {}};
  fields.text("checksum");
  const nlohmann::json& rows = fields.at("rows");
  if (!rows.is_array()) fields.refuse("a list", "rows", rows);
  // A row is two hundred bytes of text; reserving for every element of any list would be out of proportion.
  for (const nlohmann::json& row : rows) record.rows.push_back(row_from_json(row));
  return record;
}

void require_header(std::string_view text, std::string_view name) {
  if (text.starts_with(header_line)) return;
  const std::string_view line = text.substr(0, text.find('\n'));
  throw std::invalid_argument(fmt::format("{}, line 1: expected a journal, which begins with {}, got '{}'", name,
                                          header_line.substr(0, header_line.size() - 1), printable(line)));
}

}  // namespace

std::string_view journal_header() { return header_line; }

std::string journal_line(std::string_view key, std::span<const Row> rows) {
  const bool plain = std::ranges::all_of(key, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!plain || key.empty()) {
    throw std::invalid_argument(
        fmt::format("journal: expected a key of printable ASCII characters, got '{}'", printable(key)));
  }
  std::string body = fmt::format(R"({{"key":{},"rows":[)", nlohmann::json(key).dump());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) body += ',';
    body += to_json(rows[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  body += ']';
  const std::string checksum = hash_text(body);
  return fmt::format("{}{}{}{}\n", body, checksum_begin, checksum, checksum_end);
}

JournalText parse_journal(std::string_view text, std::string_view name) {
  const std::string shown = printable(name, 400);
  JournalText journal;
  if (header_line.starts_with(text) && text != header_line) {  // nothing yet, or torn while the first line was written
    if (!text.empty()) journal.notice = fmt::format("{}: the first line was torn and is written again", shown);
    return journal;
  }
  require_header(text, shown);
  journal.good_length = header_line.size();

  std::unordered_map<std::string, std::size_t> line_of;
  std::size_t number = 2;
  for (;; ++number) {
    const std::size_t end = text.find('\n', journal.good_length);
    if (end == std::string_view::npos) break;
    try {
      JournalRecord record = parse_record(text.substr(journal.good_length, end - journal.good_length));
      const auto [before, is_new] = line_of.emplace(record.key, number);
      if (!is_new) {
        throw std::invalid_argument(
            fmt::format("the key '{}' was there before, in line {}", printable(record.key), before->second));
      }
      journal.records.push_back(std::move(record));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}, line {}: {}", shown, number, error.what()));
    }
    journal.good_length = end + 1;
  }
  const std::size_t torn = text.size() - journal.good_length;
  if (torn > 0) {
    journal.notice = fmt::format("{}, line {}: torn, its {} bytes are dropped", shown, number, torn);
  }
  return journal;
}

}  // namespace backprove
