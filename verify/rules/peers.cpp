#include "verify/rules/peers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "verify/rules/rule_case.hpp"

namespace backprove {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* oracle = "oracle.py";  // the one file of verify/peers that is no checker

struct Finished {
  int status = 0;  ///< as wait gives it
  std::string out;
};

/// Runs a program without a shell; its errors go where ours go.
Finished run(std::vector<std::string> words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, argv.front(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Finished finished;
  if (error == 0) {
    char buffer[65536];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) != 0;) {
      if (got > 0) finished.out.append(buffer, static_cast<std::size_t>(got));
      if (got < 0 && errno != EINTR) break;
    }
    while (::waitpid(child, &finished.status, 0) < 0 && errno == EINTR) continue;
  }
  ::close(ends[0]);
  if (error != 0) throw std::runtime_error(fmt::format("cannot start {}: {}", words.front(), std::strerror(error)));
  return finished;
}

/// Case and scalar.
using Key = std::pair<std::string, std::string>;

template <class T>
void add_cases(std::map<Key, RuledCase>& all, const std::string& scalar) {
  for (const RuleCase<T>& one : rule_cases<T>()) all.emplace(Key{one.name, scalar}, ruled_case(one));
}

/// One checker's lines, as scores and rows; all or none.
void take_lines(RuleResults& results, const std::string& text, const std::map<Key, RuledCase>& cases) {
  RuleResults made;
  std::map<Key, std::map<std::string, bool>> seen;  // rule and scalar: the cases that it has judged
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const json ruling = json::parse(line, nullptr, false);
    if (!ruling.is_object()) throw std::runtime_error("it wrote a line that is no JSON object");
    const std::string rule = ruling.at("rule"), scalar = ruling.at("scalar"), name = ruling.at("case");
    const auto found = cases.find({name, scalar});
    if (found == cases.end() || !seen[{rule, scalar}].emplace(name, true).second)
      throw std::runtime_error(fmt::format("it judged {} in {} twice, or it is no case", name, scalar));
    const auto same = [&](const RuleScore& s) { return s.rule == rule && s.scalar == scalar; };
    auto score = std::ranges::find_if(made.scores, same);
    if (score == made.scores.end())
      score = made.scores.insert(score, RuleScore{rule, scalar, ruling.at("source"), 0, 0, 0, 0, 0});
    take_ruling(made, *score, found->second, ruling.at("accepts"), ruling.at("note"));
  }
  if (seen.empty()) throw std::runtime_error("it judged nothing");
  for (const auto& [key, judged] : seen)
    if (2 * judged.size() != cases.size())
      throw std::runtime_error(
          fmt::format("{} in {} judged {} of {} cases", key.first, key.second, judged.size(), cases.size() / 2));
  results.scores.insert(results.scores.end(), made.scores.begin(), made.scores.end());
  results.rows.insert(results.rows.end(), made.rows.begin(), made.rows.end());
}

}  // namespace

fs::path peers_python() {
  // The last thing that scripts/setup --peers writes is its list, so what has none is not finished.
  const fs::path folder = fs::path(BACKPROVE_PEERS_DIR) / ".." / ".." / ".peers";
  std::error_code ignored;
  return fs::exists(folder / "packages.txt", ignored) ? (folder / "bin" / "python").lexically_normal() : fs::path();
}

std::vector<std::string> run_peers(RuleResults& results, const fs::path& python, const fs::path& program) {
  std::vector<fs::path> checkers;
  for (const fs::directory_entry& entry : fs::directory_iterator(BACKPROVE_PEERS_DIR))
    if (entry.path().extension() == ".py" && entry.path().filename() != oracle) checkers.push_back(entry.path());
  std::ranges::sort(checkers);
  std::map<Key, RuledCase> cases;
  add_cases<float>(cases, "float");
  add_cases<double>(cases, "double");
  std::vector<std::string> troubles;
  for (const fs::path& checker : checkers) {
    std::string trouble;
    try {
      const Finished finished = run({python.string(), "-B", checker.string(), program.string()});
      if (WIFSIGNALED(finished.status))
        trouble = fmt::format("signal {} ended it", WTERMSIG(finished.status));
      else if (WEXITSTATUS(finished.status) != 0)
        trouble = fmt::format("it ended with status {}", WEXITSTATUS(finished.status));
      else
        take_lines(results, finished.out, cases);
    } catch (const std::exception& error) {
      trouble = error.what();
    }
    if (!trouble.empty()) troubles.push_back(fmt::format("{} is left out: {}", checker.filename().string(), trouble));
  }
  return troubles;
}

}  // namespace backprove
