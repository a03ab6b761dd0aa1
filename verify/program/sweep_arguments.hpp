#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// The networks of a sweep: one text, or all combinations of depth, width and activation.
struct SweepArguments {
  std::vector<Index> depths, widths;
  std::vector<std::string> activations = {"tanh"};
  Index inputs = 0, outputs = 3;

  /// Adds --network, which goes into `network`, and the axes; 2,4 and 8 stand for depths and widths left out.
  void add_to(CLI::App& command, std::string& network);
  /// Throws std::invalid_argument when both a text and an axis were given.
  void check(const CLI::App& command) const;
  std::vector<std::string> networks(const std::string& network) const;
};

/// The beginning of a long network text.
std::string shortened(const std::string& text);

}  // namespace backprove
