#include "core/record/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "core/io/file.hpp"

namespace backprove {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A new file is only there for good once its folder is on the disk; a folder that cannot be flushed is not an error.
void flush_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened) ::fsync(opened.get());
}

}  // namespace

Journal::Journal(std::filesystem::path path) : file_path(std::move(path)) {
  open();
  const auto bytes = read_open_file(file.get(), file_path);
  JournalText text = parse_journal(as_text(bytes), file_path.native());
  opening_notice = std::move(text.notice);
  good_length = text.good_length;
  for (JournalRecord& record : text.records) keys.insert(std::move(record.key));
  if (bytes.size() > good_length && ::ftruncate(file.get(), static_cast<off_t>(good_length)) != 0) {
    throw std::runtime_error(fmt::format("cannot write {}: {}", quoted(file_path), system_error()));
  }
  if (good_length == 0) {
    write_behind(journal_header());
    flush_folder(file_path);
  }
}

void Journal::open() {
  // O_NONBLOCK only so that a pipe is refused by what comes next in place of being waited for.
  file = FileDescriptor(::open(file_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666));
  if (!file) throw std::runtime_error(fmt::format("cannot write {}: {}", quoted(file_path), system_error()));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) {
    throw std::invalid_argument(
        fmt::format("{} is in use by another run; wait for it or choose another --out", quoted(file_path)));
  }
  throw std::runtime_error(fmt::format("cannot lock {}: {}", quoted(file_path), system_error()));
}

/// One write at the end of the last good line, then to the disk; after an error the file is cut back to where it was.
/// Even if cutting fails too, the next line overwrites what is left and a reader takes it for a torn line.
void Journal::write_behind(std::string_view line) {
  const auto fail = [&] {
    const std::string reason = system_error();
    const bool restored = ::ftruncate(file.get(), static_cast<off_t>(good_length)) == 0;
    throw std::runtime_error(fmt::format("cannot write {}: {}{}", quoted(file_path), reason,
                                         restored ? "" : " (and a torn last line could not be removed)"));
  };
  if (::lseek(file.get(), static_cast<off_t>(good_length), SEEK_SET) < 0) fail();
  if (!write_all(file.get(), std::as_bytes(std::span(line)))) fail();
  if (::fdatasync(file.get()) != 0) fail();
  good_length += line.size();
}

std::vector<JournalRecord> Journal::load() const {
  const std::scoped_lock lock(mutex);
  const auto bytes = read_open_file(file.get(), file_path);
  return parse_journal(as_text(bytes), file_path.native()).records;
}

bool Journal::contains(std::string_view key) const {
  const std::scoped_lock lock(mutex);
  return keys.contains(key);
}

void Journal::append(const std::string& key, std::span<const Row> rows) {
  const std::string line = journal_line(key, rows);
  const std::scoped_lock lock(mutex);
  if (keys.contains(key)) {
    throw std::invalid_argument(fmt::format("{}: the key '{}' is there already", quoted(file_path), key));
  }
  write_behind(line);
  keys.insert(key);
}

}  // namespace backprove
