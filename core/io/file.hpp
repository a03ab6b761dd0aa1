#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Whole files in, whole files out. What is read is refused with std::invalid_argument (it is input), what cannot be
/// written is std::runtime_error; either is one line that names the file.
namespace backprove {

/// Files larger than this are refused before memory is asked for (bytes).
inline constexpr std::uintmax_t largest_file = std::uintmax_t{4} << 30;

/// The bytes of a regular file of at most `most` bytes. Errors: missing, a directory, a device, unreadable, too large.
std::vector<std::byte> read_file(const std::filesystem::path& path, std::uintmax_t most = largest_file);

/// The same for a file that is open already (read from its beginning); `path` is only for the messages.
std::vector<std::byte> read_open_file(int descriptor, const std::filesystem::path& path,
                                      std::uintmax_t most = largest_file);

/// Writes `parts` one after the other to `path`: first under a temporary name beside it, flushed to the disk, then
/// renamed, so that `path` holds the old content or the new, never a part; after an error nothing is left behind. A
/// device or a pipe cannot be replaced and is written in place; a symbolic link is followed.
void write_file(const std::filesystem::path& path, std::initializer_list<std::span<const std::byte>> parts);

/// `write_file` for text, byte by byte as given (decimal numbers beside the .npy of a wide scalar, CSV, JSON).
void write_text(const std::filesystem::path& path, std::string_view text);

/// The text of the current errno.
std::string system_error();

/// `path` in quotes, fit for a one-line message.
std::string quoted(const std::filesystem::path& path);

/// Writes all of `bytes` at the descriptor's position; false with errno when not everything could be written.
bool write_all(int descriptor, std::span<const std::byte> bytes);

}  // namespace backprove
