#include "core/io/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <system_error>

#include "core/io/file_descriptor.hpp"
#include "core/io/printable.hpp"

namespace backprove {
namespace {

namespace fs = std::filesystem;
using Parts = std::initializer_list<std::span<const std::byte>>;

[[noreturn]] void cannot_read(const fs::path& path, std::string_view reason) {
  throw std::invalid_argument(fmt::format("cannot read {}: {}", quoted(path), reason));
}

[[noreturn]] void cannot_write(const fs::path& path, std::string_view reason) {
  throw std::runtime_error(fmt::format("cannot write {}: {}", quoted(path), reason));
}

/// Removes the temporary file unless it has been renamed.
struct Temporary {
  fs::path path;
  FileDescriptor file;

  Temporary() = default;
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

/// A new file beside `target` under a name that nobody else has; the process id keeps runs apart, the counter threads.
void open_beside(const fs::path& target, const fs::path& shown, Temporary& temporary) {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    const fs::path name = fmt::format("{}.{}-{}.partial", target.native(), ::getpid(), counter++);
    FileDescriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file) {
      temporary.path = name;
      temporary.file = std::move(file);
      return;
    }
    if (errno != EEXIST) cannot_write(shown, system_error());
  }
  cannot_write(shown, "no free temporary name beside it");
}

/// Content, flush and close; every one of the three can be where a full disk shows.
void fill(FileDescriptor& file, Parts parts, const fs::path& shown) {
  for (const auto part : parts) {
    if (!write_all(file.get(), part)) cannot_write(shown, system_error());
  }
  // Pipes and devices have nothing to flush and say so with these two.
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) cannot_write(shown, system_error());
  if (!file.close()) cannot_write(shown, system_error());
}

}  // namespace

std::string system_error() { return std::generic_category().message(errno); }

std::string quoted(const fs::path& path) { return fmt::format("'{}'", printable(path.native(), 400)); }

bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      if (written == 0) errno = EIO;
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::vector<std::byte> read_open_file(int descriptor, const fs::path& path, std::uintmax_t most) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) cannot_read(path, system_error());
  if (S_ISDIR(facts.st_mode)) cannot_read(path, "expected a file, got a directory");
  if (!S_ISREG(facts.st_mode)) cannot_read(path, "expected a regular file, got a device or a pipe");
  const auto size = static_cast<std::uintmax_t>(facts.st_size);
  if (size > most) cannot_read(path, fmt::format("expected at most {} bytes, got {}", most, size));

  std::vector<std::byte> bytes;
  try {
    bytes.resize(static_cast<std::size_t>(size));
  } catch (const std::bad_alloc&) {
    cannot_read(path, fmt::format("its {} bytes do not fit into memory", size));
  }
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(descriptor, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cannot_read(path, system_error());
    if (got == 0) break;  // somebody shortened it meanwhile: the parser will say what is missing
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::vector<std::byte> read_file(const fs::path& path, std::uintmax_t most) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) cannot_read(path, system_error());
  return read_open_file(file.get(), path, most);
}

void write_file(const fs::path& path, Parts parts) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) cannot_write(path, "expected a file, got a directory");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) cannot_write(path, system_error());
    fill(file, parts, path);
    return;
  }
  fs::path target = path;
  if (fs::exists(status) && fs::is_symlink(fs::symlink_status(path, ignored))) {
    target = fs::canonical(path, ignored);
    if (ignored) cannot_write(path, ignored.message());
  }
  Temporary temporary;
  open_beside(target, path, temporary);
  fill(temporary.file, parts, path);
  if (::rename(temporary.path.c_str(), target.c_str()) != 0) cannot_write(path, system_error());
  temporary.path.clear();
}

void write_text(const fs::path& path, std::string_view text) { write_file(path, {std::as_bytes(std::span(text))}); }

}  // namespace backprove
