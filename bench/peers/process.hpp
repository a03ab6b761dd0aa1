#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace backprove {

/// A program took longer to answer than it may.
struct TooSlow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A program that answers JSON lines with JSON lines, on the first `threads` processors that this process may use, with
/// nothing in its environment but what is given. Ends with this object.
class AnsweringProcess {
 public:
  /// Its error messages go to `errors`. Throws std::runtime_error if it cannot be started.
  AnsweringProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment, int threads,
                   std::filesystem::path errors);
  ~AnsweringProcess();
  AnsweringProcess(const AnsweringProcess&) = delete;
  AnsweringProcess& operator=(const AnsweringProcess&) = delete;

  void say(const nlohmann::json& question);
  /// The next line. Throws TooSlow when it takes longer than `seconds`, and std::runtime_error when it is no JSON
  /// object, or the program has ended: with the last line of its errors. Nothing can be asked after that.
  nlohmann::json hear(double seconds);

 private:
  pid_t child = -1;
  int to = -1, from = -1;
  std::string heard;
  std::filesystem::path error_file;

  [[noreturn]] void give_up(const std::string& why);
  void end();
};

}  // namespace backprove
