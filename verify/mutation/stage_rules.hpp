#pragma once

#include "verify/mutation/host.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// What a published rule says of a mutated stage. A rejection counts only if the rule accepts the right step there.
enum class RuleAnswer { missed, caught, false_alarm };

/// The names of the rules of verify/baselines, in the order of their answers.
const std::vector<std::string_view>& rule_names();

/// Asks every rule about the host's stage with its reverse step as the claimed product. A layer is a function of its
/// inputs and its parameters in one vector, all samples of the batch beside each other (of its parameters alone where
/// nobody needs the input gradient); a loss is a function of the network's output. Buffers are new and zero, as a
/// checker's would be.
template <class T>
std::vector<RuleAnswer> ask_rules(const Host& host, const ReverseSteps<T>& mutated);

extern template std::vector<RuleAnswer> ask_rules<float>(const Host&, const ReverseSteps<float>&);
extern template std::vector<RuleAnswer> ask_rules<double>(const Host&, const ReverseSteps<double>&);

}  // namespace backprove
