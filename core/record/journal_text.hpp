#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/row.hpp"

/// The journal's file format. First line {"backprove_journal":1}; then one line for each record,
///   {"key":...,"rows":[...],"checksum":"0123456789abcdef"}
/// where the checksum is `hash_text` of the line's bytes before `,"checksum"`. A line ends with a line feed.
namespace backprove {

/// What one finished piece of work produced; the key says which piece.
struct JournalRecord {
  std::string key;
  std::vector<Row> rows;
};

/// A journal that has been read.
struct JournalText {
  std::vector<JournalRecord> records;
  /// Bytes up to the end of the last whole line: what stands behind is torn.
  std::size_t good_length = 0;
  /// What was torn, for people; empty when nothing was.
  std::string notice;
};

/// Reads a journal from memory. Bytes after the last line feed are a torn line: forgiven, whatever they are, except
/// that a file without any line feed must be the beginning of a journal. `name` is only for messages. Errors:
/// std::invalid_argument naming the line: another header or version, bad JSON, a checksum that does not fit, a missing
/// or unknown field, a key that was there before. Memory: at most 64 bytes for every byte of text (an empty JSON list,
/// three bytes of text, takes up to 72 while the list around it grows), which is why nesting is limited too.
JournalText parse_journal(std::string_view text, std::string_view name);

/// The first line of every journal, with its line feed.
std::string_view journal_header();

/// The line of one record, with its line feed. Errors: std::invalid_argument unless the key is printable ASCII.
std::string journal_line(std::string_view key, std::span<const Row> rows);

}  // namespace backprove
