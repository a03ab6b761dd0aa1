#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace backprove {

/// Adds the subcommand; sets `status` to 1 when a gradient was rejected before it was timed.
void add_bench(CLI::App& app, int& status);
/// Adds the hidden subcommand that bench starts in other processes.
void add_bench_worker(CLI::App& app);
/// Prints the sweeps of bench.
std::string sweeps_table();
/// Adds the subcommand; sets `status` to 1 when a library of products is wrong.
void add_limits(CLI::App& app, int& status);

}  // namespace backprove
