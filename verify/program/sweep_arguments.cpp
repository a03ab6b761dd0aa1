#include "verify/program/sweep_arguments.hpp"

#include <fmt/format.h>

#include "verify/generated_network.hpp"
#include "verify/program/arguments.hpp"

namespace backprove {

void SweepArguments::add_to(CLI::App& command, std::string& network) {
  command.add_option("--network", network, "network text, e.g. \"affine(64,32) tanh affine(32,10)\"")
      ->check(text_of("a network text"));
  command.add_option("--depth", depths, "generated networks: affine layers, e.g. 2,4,8")
      ->check(whole(1, 10000))
      ->delimiter(',');
  command.add_option("--width", widths, "generated networks: hidden widths, e.g. 8,32")
      ->check(whole(1, 1000000))
      ->delimiter(',');
  // No delimiter of the parser's: it would cut affine(4,4) in two.
  command.add_option("--activation", activations, "generated networks: layers between the affine ones, e.g. tanh,relu")
      ->check(text_of("a layer"))
      ->capture_default_str();
  command.add_option("--inputs", inputs, "generated networks: inputs; 0 means the width")
      ->check(whole(0, 1000000))
      ->capture_default_str();
  command.add_option("--outputs", outputs, "generated networks: outputs")
      ->check(whole(1, 1000000))
      ->capture_default_str();
}

void SweepArguments::check(const CLI::App& command) const {
  for (const char* name : {"--depth", "--width", "--activation", "--inputs", "--outputs"})
    if (command.count("--network") > 0 && command.count(name) > 0)
      throw std::invalid_argument(
          fmt::format("--network and {} exclude each other: give a network text, or a sweep", name));
}

std::vector<std::string> SweepArguments::networks(const std::string& network) const {
  if (!network.empty()) return {network};
  std::vector<std::string> texts;
  std::vector<std::string> layers;
  for (const std::string& list : activations)
    for (std::string& item : items_of(list)) layers.push_back(std::move(item));
  for (const std::string& activation : layers)
    for (const Index width : widths.empty() ? std::vector<Index>{8} : widths)
      for (const Index depth : depths.empty() ? std::vector<Index>{2, 4} : depths)
        texts.push_back(generated_network(depth, width, inputs == 0 ? width : inputs, outputs, activation));
  return texts;
}

std::string shortened(const std::string& text) { return text.size() <= 72 ? text : text.substr(0, 69) + "..."; }

}  // namespace backprove
