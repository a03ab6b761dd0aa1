#pragma once

#include <filesystem>

#include "verify/rules/suite.hpp"

namespace backprove {

/// Where scripts/setup --peers puts Python with PyTorch and JAX, or nothing when it is not there.
std::filesystem::path peers_python();

/// Lets every real checker of verify/peers judge the cases of the suite, started with this Python, and adds its rows
/// and scores. `program` is asked for the cases (rules --serve). Returns a sentence for every checker that did not
/// start, broke off or left a case out: nothing of it is added.
std::vector<std::string> run_peers(RuleResults& results, const std::filesystem::path& python,
                                   const std::filesystem::path& program);

}  // namespace backprove
