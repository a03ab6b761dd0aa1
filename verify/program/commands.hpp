#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace backprove {

/// Adds the subcommand; its work is done while the arguments are parsed.
void add_list(CLI::App& app);
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

/// Norms of cotangents beside what the layers' Jacobians predict.
void add_norms(CLI::App& app);

/// The text with line ends made spaces.
std::string one_line(std::string text);

}  // namespace backprove
