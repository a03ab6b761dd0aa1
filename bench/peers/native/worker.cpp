#include "bench/peers/native/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/io/network_text.hpp"
#include "core/io/npy.hpp"

namespace backprove::native {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t fewest_samples = 5;

/// The cell would cost more than the question allows.
struct Beyond : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::vector<Layer> layers_of(const System& system, const std::string& text) {
  std::vector<Layer> layers;
  for (const Piece& piece : parse_network_text(text)) {
    const bool affine = piece.name == "affine" && piece.numbers.size() == 2;
    const bool known =
        std::find(system.functions.begin(), system.functions.end(), piece.name) != system.functions.end();
    if (!affine && !known) throw Unsupported(fmt::format("layer {} is not translated", piece.name));
    const auto size = [&](std::size_t k) { return affine ? static_cast<std::size_t>(piece.numbers[k]) : 0; };
    layers.push_back({piece.name, size(0), size(1)});
  }
  if (layers.front().n_out == 0) throw Unsupported("only networks that begin with affine are translated");
  return layers;
}

Job job_of(const System& system, const json& question) {
  if (question.at("reduction") != "mean") throw Unsupported("only the mean over the samples is translated");
  Job job;
  job.layers = layers_of(system, question.at("network"));
  job.loss = question.at("loss");
  job.scalar = question.at("scalar");
  if (job.scalar != "float" && job.scalar != "double")
    throw Unsupported(fmt::format("scalar {} has no counterpart", job.scalar));
  if (!job.has_classes() && job.loss != "squared_error")
    throw Unsupported(fmt::format("loss {} is not translated", job.loss));
  const auto array = [&](const char* name) { return read_npy(question.at(name).get<std::string>()); };
  const NpyArray x = array("x");
  job.samples = static_cast<std::size_t>(x.shape.at(0));
  job.inputs = job.outputs = static_cast<std::size_t>(x.shape.at(1));
  for (const Layer& layer : job.layers)
    if (layer.n_out > 0) job.outputs = layer.n_out;
  job.theta = array("theta").values;
  job.x = x.values;
  job.y = array("y").values;
  return job;
}

double seconds_of(const std::function<void()>& call) {
  const auto start = Clock::now();
  call();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Throws Beyond if the cell's memory, or its time as one sample predicts it, is more than the question allows.
void check_cost(const System& system, const Job& job, double most_bytes, double most_seconds) {
  const double bytes = system.bytes(job);
  if (bytes > most_bytes) throw Beyond(fmt::format("needs about {:.3g} bytes, the limit is {:.3g}", bytes, most_bytes));
  if (!system.linear_in_samples || job.samples == 1) return;
  const Ready one = system.prepare(job.first_sample());
  const double call = static_cast<double>(job.samples) * std::min(seconds_of(one.call), seconds_of(one.call));
  if (call * fewest_samples > most_seconds)
    throw Beyond(fmt::format("one of {} samples says that a call takes {:.3g} s; {} would take longer than {:g} s",
                             job.samples, call, fewest_samples, most_seconds));
}

json prepared(const System& system, const json& question, std::optional<Ready>& current) {
  current.reset();  // its memory
  const Job job = job_of(system, question);
  check_cost(system, job, question.at("most_bytes"), question.at("most_seconds"));
  current = system.prepare(job);
  current->call();
  const double seconds = seconds_of(current->call);
  const std::vector<double> gradient = current->gradient();
  write_npy(question.at("gradient").get<std::string>(), gradient, {static_cast<Index>(gradient.size())});
  return {{"call", seconds}};
}

/// Wall times of single calls: at least one, at most `most`, none begun later than `seconds` after the warming: calls
/// for so many seconds that do not count, unless the first takes longer.
json timed(const Ready& ready, std::size_t most, double seconds, double warming) {
  std::vector<double> times;
  const auto warm = Clock::now() + std::chrono::duration<double>(warming);
  if (const double first = seconds_of(ready.call); first >= warming) times.push_back(first);
  while (Clock::now() < warm) ready.call();
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (times.empty() || (times.size() < most && Clock::now() < end)) times.push_back(seconds_of(ready.call));
  return {{"seconds", times}};
}

json answer(const System& system, const json& question, std::optional<Ready>& current) {
  try {
    if (question.at("op") == "time")
      return timed(current.value(), question.at("samples"), question.at("seconds"), question.at("warming"));
    return prepared(system, question, current);
  } catch (const Unsupported& reason) {
    return {{"unsupported", reason.what()}};
  } catch (const Beyond& reason) {
    return {{"limit", reason.what()}};
  }
}

/// Says what it is, then answers until there are no more questions.
void serve(const System& system) {
  // What a library prints is no answer, and what it writes belongs where the program was given a home.
  const int out = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  if (const std::string home = environment("HOME"); !home.empty()) std::filesystem::current_path(home);
  const auto say = [&](const json& line) {
    const std::string text = line.dump() + "\n";
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t now = write(out, text.data() + sent, text.size() - sent);
      if (now <= 0) throw std::runtime_error("nobody listens");
      sent += static_cast<std::size_t>(now);
    }
  };
  std::optional<Ready> current;
  say({{"version", system.version}, {"settings", system.settings}});
  for (std::string line; std::getline(std::cin, line);) say(answer(system, json::parse(line), current));
}

}  // namespace

double Job::multiplications() const {
  double all = 0;
  for (const Layer& layer : layers) all += static_cast<double>(layer.n_in * layer.n_out * samples);
  return all;
}

double Job::activations() const {
  double all = 0;
  std::size_t width = inputs;
  for (const Layer& layer : layers) {
    if (layer.n_out > 0) width = layer.n_out;
    all += static_cast<double>(width * samples);
  }
  return all;
}

Job Job::first_sample() const {
  Job one = *this;
  one.samples = 1;
  one.x.resize(inputs);
  one.y.resize(y.size() / samples);
  return one;
}

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

}  // namespace backprove::native

int main() { backprove::native::serve(backprove::native::peer()); }
