#include "verify/adversary.hpp"

#include <fmt/format.h>

#include <cctype>
#include <map>
#include <mutex>
#include <set>

#include "verify/mutation/all_checks.hpp"

namespace backprove {

namespace {

template <class T>
AdversaryFinding try_hosts(const std::string& subject, const std::vector<Host>& hosts) {
  AdversaryFinding finding{subject, 0, 0, ""};
  for (const Host& host : hosts) {
    const ReverseSteps<T> steps;
    const HostFacts<T> facts(host);
    const Checks<T> checks(facts, steps);
    for (const NamedCheck& check : all_checks()) {
      if (check.in_float == nullptr) continue;  // it looks at other paths
      ++finding.checks;
      const CheckResult result = check.run(checks);
      if (!result.caught) continue;
      if (finding.rejections++ == 0)
        finding.first =
            fmt::format("{} (check '{}', {}, network {})", result.detail, check.name, host.name, host.network.text());
    }
  }
  return finding;
}

/// The names in a network text, without their numbers.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  std::string name;
  for (const char c : text + " ") {
    const bool part = std::islower(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                      (!name.empty() && std::isdigit(static_cast<unsigned char>(c)) != 0);
    if (part) {
      name += c;
    } else if (!name.empty()) {
      names.insert(name);
      name.clear();
    }
  }
  return names;
}

AdversaryFinding tried_once(const std::string& subject, bool is_loss, std::string_view scalar) {
  static std::mutex guard;
  static std::map<std::string, AdversaryFinding> known;
  const std::string key = std::string(scalar) + " " + subject;
  {
    const std::lock_guard lock(guard);
    if (const auto found = known.find(key); found != known.end()) return found->second;
  }
  const std::vector<Host> hosts = is_loss ? hosts_of_loss(subject) : hosts_of_layer(subject);
  AdversaryFinding finding = scalar == "float" ? try_hosts<float>(subject, hosts) : try_hosts<double>(subject, hosts);
  const std::lock_guard lock(guard);
  return known.emplace(key, std::move(finding)).first->second;
}

}  // namespace

std::vector<AdversaryFinding> try_adversary(const Network& network, std::string_view loss, std::string_view scalar) {
  std::vector<AdversaryFinding> findings;
  for (const std::string& name : names_in(network.text())) findings.push_back(tried_once(name, false, scalar));
  findings.push_back(tried_once(std::string(loss), true, scalar));
  return findings;
}

}  // namespace backprove
