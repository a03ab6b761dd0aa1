#pragma once

#include <unistd.h>

#include <utility>

namespace backprove {

/// Owns a POSIX file descriptor (or none, -1) and closes it.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) : number(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number(std::exchange(other.number, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number, other.number);
    return *this;
  }
  ~FileDescriptor() {
    if (number >= 0) ::close(number);
  }

  int get() const { return number; }
  explicit operator bool() const { return number >= 0; }
  /// Closes now; false, with errno, when data could not be kept (a full disk may only show here).
  bool close() { return ::close(std::exchange(number, -1)) == 0; }

 private:
  int number;
};

}  // namespace backprove
