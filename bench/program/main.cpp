#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "bench/program/commands.hpp"
#include "verify/program/arguments.hpp"
#include "verify/program/commands.hpp"

namespace {

/// Usage errors as CLI11 words them; an unknown subcommand gets the list of the known ones.
void report(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty())
    fmt::print(
        stderr,
        "backprove: unknown subcommand '{}'; expected list, gradient, verify, check, mutants, rules, norms, bench or "
        "limits (see --help)\n",
        backprove::one_line(argv[1]));
  else
    fmt::print(stderr, "backprove: {} (see --help)\n", backprove::one_line(error.what()));
}

}  // namespace

/// backprove: exit status 0 when nothing failed, 1 when a gradient failed, 2 for bad usage, bad input, or
/// output that cannot be written. Every error is one line on stderr.
int main(int argc, char** argv) {
  CLI::App app{
      "Backprove answers three questions about the gradient of a layered network: is it right, how right, and what "
      "does\n"
      "it cost? Many gradient strategies share one layer interface and are checked against each other, against a\n"
      "high-precision reference and against intervals that contain the exact gradient.",
      "backprove"};
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 nothing failed, 1 something failed, 2 bad usage, bad input or unwritable output.\nTry: backprove "
      "list layers; backprove verify --help\nscripts/backprove also has claims and exponents, which read the rows of "
      "finished runs.");
  int status = 0;
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error like a full disk
  try {
    backprove::add_list(app);
    backprove::add_gradient(app, status);
    backprove::add_verify(app, status);
    backprove::add_check(app, status);
    backprove::add_mutants(app, status);
    backprove::add_rules(app, status);
    backprove::add_norms(app);
    backprove::add_bench(app, status);
    backprove::add_limits(app, status);
    backprove::require_whole_lists(app, argc, argv);
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) throw std::runtime_error("cannot write to standard output");
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    report(app, error, argc, argv);
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr, "backprove: cannot write '{}': {}\n", backprove::one_line(error.path1()),
               error.code().message());
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "backprove: out of memory; lower --memory or the sizes\n");
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "backprove: {}\n", backprove::one_line(error.what()));
    return 2;
  }
  return status;
}
