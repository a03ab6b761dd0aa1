#pragma once

#include <iosfwd>

namespace backprove {

/// Answers questions about the cases of the rule suite, so that checkers in other languages judge the very same
/// functions; the form of both is in verify/peers/README.md. Returns at the end of the input.
/// Errors: std::invalid_argument for the first question that is malformed, with its line.
void serve_rule_cases(std::istream& questions, std::ostream& answers);

}  // namespace backprove
