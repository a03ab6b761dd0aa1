#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "verify/unit/io/scratch.hpp"

/// Runs the program as a user does, but without a shell.
namespace backprove::test {

using Arguments = std::vector<std::string>;

inline std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Words separated by spaces; a word may stand in single quotes.
inline Arguments words(const std::string& text) {
  Arguments list;
  bool quoted = false, open = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) list.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) list.emplace_back();
      open = true;
      list.back() += c;
    }
  }
  return list;
}

/// What a finished run left behind. `status` is the exit status, or minus the signal that ended it.
struct Finished {
  int status = 0;
  std::string out, err;

  std::size_t error_lines() const {
    return static_cast<std::size_t>(std::count(err.begin(), err.end(), '\n')) +
           (err.empty() || err.back() == '\n' ? 0 : 1);
  }
};

/// A run of `program` in `folder`; killed if it still runs when this goes out of scope.
class Running {
 public:
  /// No file of the child may grow beyond `largest_file` bytes; 0 sets no limit.
  Running(const std::string& program, const Arguments& arguments, const std::filesystem::path& folder,
          rlim_t largest_file = 0)
      : streams(folder) {
    std::vector<std::string> all{program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(all.size() + 1);
    for (std::string& word : all) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = (folder / ".stdout").string(), err = (folder / ".stderr").string();
    child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child == 0) become(argv, folder, out, err, largest_file);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (child > 0) kill();
  }

  /// kill -9.
  Finished kill() {
    ::kill(child, SIGKILL);
    return wait();
  }
  Finished wait() {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    child = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content(streams / ".stdout"),
            content(streams / ".stderr")};
  }

 private:
  std::filesystem::path streams;
  pid_t child = 0;

  /// In the child, where only async-signal-safe functions may be called: everything else was made before.
  [[noreturn]] static void become(const std::vector<char*>& argv, const std::filesystem::path& folder,
                                  const std::string& out, const std::string& err, rlim_t largest_file) {
    const int to_out = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    const int to_err = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    const int from = ::open("/dev/null", O_RDONLY);
    const bool ready =
        ::chdir(folder.c_str()) == 0 && ::dup2(from, 0) == 0 && ::dup2(to_out, 1) == 1 && ::dup2(to_err, 2) == 2;
    const rlimit limit{largest_file, largest_file};
    if (ready && (largest_file == 0 || ::setrlimit(RLIMIT_FSIZE, &limit) == 0)) ::execv(argv[0], argv.data());
    ::_exit(127);
  }
};

/// Runs backprove to its end.
inline Finished backprove(const Arguments& arguments, const std::filesystem::path& folder, rlim_t largest_file = 0) {
  return Running(BACKPROVE_PROGRAM, arguments, folder, largest_file).wait();
}
inline Finished backprove(const std::string& line, const std::filesystem::path& folder, rlim_t largest_file = 0) {
  return backprove(words(line), folder, largest_file);
}

}  // namespace backprove::test
