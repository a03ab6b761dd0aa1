#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/file_descriptor.hpp"
#include "core/record/journal_text.hpp"

namespace backprove {

/// The file that a running sweep appends to: one record a finished piece of work, on the disk before `append` returns,
/// so that a run that was stopped anywhere goes on where it was. Format and reader: journal_text.hpp.
///
/// One process at a time: the file is locked while the object lives. All functions may be called from several threads.
class Journal {
 public:
  /// Opens `path`, or creates it, in a folder that exists. A torn last line is cut off. Errors: std::invalid_argument
  /// when the file is no journal, is damaged before its last line, or belongs to another running process;
  /// std::runtime_error when it cannot be written.
  explicit Journal(std::filesystem::path path);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What was cut off on opening, for people; empty when nothing was.
  const std::string& notice() const { return opening_notice; }

  /// All records, in the order in which they were appended, read from the file.
  std::vector<JournalRecord> load() const;

  bool contains(std::string_view key) const;

  /// Adds one record and waits until the disk has it. Errors: std::invalid_argument when the key is there already or is
  /// not printable ASCII; std::runtime_error when it cannot be written, and then the earlier records are as they were.
  void append(const std::string& key, std::span<const Row> rows);

 private:
  std::filesystem::path file_path;
  FileDescriptor file;
  std::string opening_notice;
  mutable std::mutex mutex;
  std::set<std::string, std::less<>> keys;
  std::size_t good_length = 0;

  void open();
  void write_behind(std::string_view line);
};

}  // namespace backprove
