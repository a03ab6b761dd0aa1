#include "bench/peers/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace backprove {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// Leaves this process the first `count` of its processors.
void keep_processors(int count) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return;
  cpu_set_t kept;
  CPU_ZERO(&kept);
  for (int cpu = 0; cpu < CPU_SETSIZE && count > 0; ++cpu)
    if (CPU_ISSET(cpu, &all)) {
      CPU_SET(cpu, &kept);
      --count;
    }
  sched_setaffinity(0, sizeof kept, &kept);
}

/// All processors of the machine, not only the one that a pinned thread of ours is bound to.
void take_all_processors() {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); ++cpu) CPU_SET(cpu, &all);
  sched_setaffinity(0, sizeof all, &all);
}

std::string last_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last.substr(0, 200);
}

}  // namespace

AnsweringProcess::AnsweringProcess(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                                   int threads, std::filesystem::path errors)
    : error_file(std::move(errors)) {
  int down[2], up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  std::vector<std::string> arguments = words, settings = environment;
  const std::vector<char*> argv = pointers_to(arguments), envp = pointers_to(settings);
  const int log = open(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  std::signal(SIGPIPE, SIG_IGN);  // a program that has ended is an error of hear()
  child = fork();
  if (child == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    if (log >= 0) dup2(log, STDERR_FILENO);
    take_all_processors();
    keep_processors(threads);
    execve(argv.front(), argv.data(), envp.data());
    _exit(127);
  }
  if (log >= 0) close(log);
  close(down[0]);
  close(up[1]);
  to = down[1];
  from = up[0];
  if (child < 0) give_up("cannot start a process");
}

AnsweringProcess::~AnsweringProcess() { end(); }

void AnsweringProcess::end() {
  if (to >= 0) close(to);
  if (from >= 0) close(from);
  to = from = -1;
  if (child > 0) {
    kill(child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  child = -1;
}

void AnsweringProcess::give_up(const std::string& why) {
  end();
  const std::string line = last_line(error_file);
  throw std::runtime_error(line.empty() ? why : fmt::format("{}; its last words: {}", why, line));
}

void AnsweringProcess::say(const nlohmann::json& question) {
  const std::string line = question.dump() + "\n";
  std::size_t sent = 0;
  while (sent < line.size()) {
    const ssize_t now = write(to, line.data() + sent, line.size() - sent);
    if (now <= 0) give_up("it takes no question");
    sent += static_cast<std::size_t>(now);
  }
}

nlohmann::json AnsweringProcess::hear(double seconds) {
  const auto end_of_patience = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::size_t end_of_line = heard.find('\n');
  while (end_of_line == std::string::npos) {
    const double left = std::chrono::duration<double>(end_of_patience - std::chrono::steady_clock::now()).count();
    pollfd ready{from, POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(1000 * left) + 1) == 0) {
      end();
      throw TooSlow(fmt::format("no answer within {:.3g} s", seconds));
    }
    char piece[65536];
    const ssize_t got = read(from, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) give_up("it ended");
    heard.append(piece, static_cast<std::size_t>(got));
    end_of_line = heard.find('\n');
  }
  const std::string line = heard.substr(0, end_of_line);
  heard.erase(0, end_of_line + 1);
  nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object()) give_up("it answered a line that is no JSON object");
  return answer;
}

}  // namespace backprove
