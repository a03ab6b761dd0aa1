#include "core/record/journal.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/io/file.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/full_disk.hpp"
#include "verify/unit/io/scratch.hpp"
#include "verify/unit/record/sample_rows.hpp"

namespace backprove::test {
namespace {

std::string key_of(int number) { return "cell " + std::to_string(number); }

/// Appends the records `from`, ..., `to` - 1 that are not there yet.
void sweep(Journal& journal, int from, int to) {
  for (int i = from; i < to; ++i) {
    if (!journal.contains(key_of(i))) journal.append(key_of(i), sample_rows(i));
  }
}

std::string swept(const std::filesystem::path& path, int records) {
  Journal journal(path);
  sweep(journal, 0, records);
  return text_of(path);
}

}  // namespace

TEST_CASE("journal: created, closed, opened again, appended to", "[record][journal]") {
  const Scratch scratch;
  const auto path = scratch / "journal";
  {
    Journal journal(path);
    CHECK(journal.load().empty());
    sweep(journal, 0, 2);
    CHECK(journal.load().size() == 2);
  }
  Journal journal(path);
  CHECK(journal.notice().empty());
  CHECK(journal.contains("cell 1"));
  CHECK_FALSE(journal.contains("cell 2"));
  journal.append("cell 2", {});
  CHECK(journal.load().at(2).key == "cell 2");
  CHECK(journal.load().at(1).rows.size() == 3);
  const std::string before = text_of(path);
  CHECK(message_of<std::invalid_argument>([&] {
          journal.append("cell 1", {});
        }).ends_with("the key 'cell 1' is there already"));
  CHECK_THROWS_AS(journal.append("line\nend", {}), std::invalid_argument);
  CHECK(text_of(path) == before);
}

TEST_CASE("journal: torn at every byte of the last record, it goes on as if nothing had been", "[record][journal]") {
  const Scratch scratch;
  const std::string whole = swept(scratch / "whole", 3);
  const std::string kept = swept(scratch / "kept", 2);
  const auto path = scratch / "journal";
  for (std::size_t length = 0; length < whole.size(); length += length < kept.size() && length >= 24 ? 40 : 1) {
    if (length > journal_header().size() && length < kept.size() && text_of(scratch / "kept")[length - 1] == '\n')
      continue;
    write_text(path, whole.substr(0, length));
    CAPTURE(length);
    Journal journal(path);
    sweep(journal, 0, 3);
    CHECK(text_of(path) == whole);
  }
}

TEST_CASE("journal: damage before the last line is refused and the file left alone", "[record][journal]") {
  const Scratch scratch;
  const auto path = scratch / "journal";
  std::string text = swept(path, 3);
  text[text.size() / 2] ^= 1;
  text += "torn";
  write_text(path, text);
  const std::string message = message_of<std::invalid_argument>([&] { Journal journal(path); });
  CHECK(message.starts_with(path.string() + ", line 3: the line is damaged"));
  CHECK(text_of(path) == text);
  write_text(path, "somebody's notes");
  CHECK_THROWS_AS(Journal(path), std::invalid_argument);
  CHECK(text_of(path) == "somebody's notes");
}

TEST_CASE("journal: a full disk loses no finished record, wherever it strikes", "[record][journal]") {
  const Scratch scratch;
  const auto path = scratch / "journal";
  const std::string kept = swept(path, 2);
  const std::string line = journal_line(key_of(2), sample_rows(2));
  Journal journal(path);
  for (std::size_t room = 0; room < line.size(); room += 7) {
    std::string message;
    {
      const FullDisk full(kept.size() + room);
      message = message_of<std::runtime_error>([&] { journal.append(key_of(2), sample_rows(2)); });
    }
    CAPTURE(room);
    CHECK(message == "cannot write '" + path.string() + "': File too large");
    CHECK(text_of(path) == kept);
    CHECK_FALSE(journal.contains(key_of(2)));
  }
  journal.append(key_of(2), sample_rows(2));
  CHECK(text_of(path) == kept + line);
  {
    const FullDisk full(5);
    CHECK_THROWS_AS(Journal(scratch / "new"), std::runtime_error);
  }
  CHECK_NOTHROW(Journal(scratch / "new"));
}

TEST_CASE("journal: a place that cannot hold one is said with its path", "[record][journal]") {
  const Scratch scratch;
  CHECK(message_of<std::runtime_error>([&] { Journal(scratch / "none/journal"); }) ==
        "cannot write '" + (scratch / "none/journal").string() + "': No such file or directory");
  CHECK_THROWS_AS(Journal(scratch / ""), std::runtime_error);
  CHECK(message_of<std::invalid_argument>([] {
          Journal("/dev/full");
        }).ends_with("expected a regular file, got a device or a pipe"));
}

TEST_CASE("journal: a second process is turned away, a second object too", "[record][journal]") {
  const Scratch scratch;
  const auto path = scratch / "journal";
  Journal journal(path);
  const std::string expected = "'" + path.string() + "' is in use by another run; wait for it or choose another --out";
  CHECK(message_of<std::invalid_argument>([&] { Journal second(path); }) == expected);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(message_of<std::invalid_argument>([&] { Journal second(path); }) == expected ? 0 : 1);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

namespace {

/// A process of its own that sweeps, a millisecond a record, until it is killed.
pid_t start_sweep(const std::filesystem::path& path, int records) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    Journal journal(path);
    for (int i = 0; i < records; ++i) {
      sweep(journal, i, i + 1);
      ::usleep(1000);
    }
    while (true) ::pause();
  } catch (const std::exception&) {
  }
  ::_exit(1);
}

/// Waits until the file is larger than `size`, then kills the process; false when that had ended by itself.
bool kill_beyond(pid_t child, const std::filesystem::path& path, std::uintmax_t size) {
  std::error_code ignored;
  int status = 0;
  while (!std::filesystem::exists(path, ignored) || std::filesystem::file_size(path, ignored) <= size) {
    if (::waitpid(child, &status, WNOHANG) == child) return false;
    ::usleep(100);
  }
  ::kill(child, SIGKILL);
  return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

}  // namespace

TEST_CASE("journal: killed in the middle of a sweep, every record is there exactly once after the next run",
          "[record][journal]") {
  const Scratch scratch;
  constexpr int records = 300;
  const std::string whole = swept(scratch / "whole", records);
  const auto path = scratch / "journal";
  std::size_t length = 0;
  for (int kill = 1; kill <= 5; ++kill) {
    const pid_t child = start_sweep(path, records);
    REQUIRE(child > 0);
    REQUIRE(kill_beyond(child, path, std::min(length + whole.size() / 12, whole.size() - 1)));
    const std::string text = text_of(path);
    length = text.size();
    CHECK(whole.starts_with(text));
    if (kill == 1) CHECK(length < whole.size());
  }
  CHECK(swept(path, records) == whole);
}

TEST_CASE("journal: threads may append at once", "[record][journal]") {
  const Scratch scratch;
  Journal journal(scratch / "journal");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&journal, t] { sweep(journal, 25 * t, 25 * (t + 1)); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(journal.load().size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(journal.contains(key_of(i)));
}

}  // namespace backprove::test
