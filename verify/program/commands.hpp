#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace backprove {

/// Lists of `backprove list`: a name, and what prints it.
using Lists = std::map<std::string, void (*)()>;
/// Adds the subcommand, with lists of other folders; its work is done while the arguments are parsed.
void add_list(CLI::App& app, const Lists& more);
/// Sets `status` to 1 when the gradient is not finite.
void add_gradient(CLI::App& app, int& status);
/// Sets `status` to 1 when something failed.
void add_verify(CLI::App& app, int& status);
/// Sets `status` to 1 for a wrong gradient, 3 when nothing can be said.
void add_check(CLI::App& app, int& status);
/// Sets `status` to 1 when a mutant survives.
void add_mutants(CLI::App& app, int& status);
/// Sets `status` to 1 when our own judgement makes a mistake.
void add_rules(CLI::App& app, int& status);

/// The text with line ends made spaces.
std::string one_line(std::string text);

}  // namespace backprove
