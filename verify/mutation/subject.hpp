#pragma once

#include <memory>

#include "verify/mutation/facts.hpp"
#include "verify/mutation/registry.hpp"

namespace backprove {

/// What a mutant is put into: a layer, a loss, or whole networks for the mutants of strategies. Its hosts come smallest
/// first.
struct Subject {
  std::string name;
  std::vector<Host> hosts;

  Subject(std::string_view of, std::vector<Host> with);
  template <class T>
  const HostFacts<T>& facts(std::size_t host) const {
    if constexpr (std::same_as<T, float>)
      return *in_float[host];
    else
      return *in_double[host];
  }
  bool takes(const MutantInfo& mutant) const;

 private:
  std::vector<std::unique_ptr<HostFacts<float>>> in_float;
  std::vector<std::unique_ptr<HostFacts<double>>> in_double;
};

std::vector<Subject> subjects();

/// Whether the mutant makes sense in this host and its effect can show there.
bool usable(const MutantInfo& mutant, const Host& host);

/// Whether other paths than the reverse step are looked at in this host: not where tangents of hundreds of parameters
/// would be taken one by one.
inline bool serves_paths(const Host& host) { return host.data.x.cols() <= 5; }

template <class T>
constexpr std::string_view scalar_name = std::same_as<T, float> ? "float" : "double";

}  // namespace backprove
