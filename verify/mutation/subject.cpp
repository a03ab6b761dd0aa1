#include "verify/mutation/subject.hpp"

#include <algorithm>

#include "generated/layers.hpp"
#include "generated/losses.hpp"

namespace backprove {

Subject::Subject(std::string_view of, std::vector<Host> with) : name(of), hosts(std::move(with)) {
  for (const Host& host : hosts) {
    in_float.push_back(std::make_unique<HostFacts<float>>(host));
    in_double.push_back(std::make_unique<HostFacts<double>>(host));
  }
}

namespace {

/// Whether the mutant applies to what the host is for; `to_layer` says so of a layer.
template <class F>
bool applies(const MutantInfo& mutant, const Host& host, F&& to_layer) {
  switch (host.kind()) {
    case Host::Kind::loss:
      return mutant.applies_to_loss(host.loss.kind, host.loss.reduction);
    case Host::Kind::network:
      return mutant.applies_to_network(host.network);
    case Host::Kind::layer:
      break;
  }
  return to_layer(host.network.layer(host.stage));
}

}  // namespace

bool Subject::takes(const MutantInfo& mutant) const {
  return std::ranges::any_of(hosts, [&](const Host& host) {
    return applies(mutant, host, [&](const AnyLayer& layer) { return mutant.applies_to_layer(layer); });
  });
}

bool usable(const MutantInfo& mutant, const Host& host) {
  if (!mutant.of_reverse_step() && !serves_paths(host)) return false;
  return applies(mutant, host, [&](const AnyLayer& layer) { return mutant.fits(layer, host.data.x.cols()); });
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for_each_layer([&]<class L>() { all.emplace_back(L::name, hosts_of_layer(L::name)); });
  for_each_loss([&]<class K>() { all.emplace_back(K::name, hosts_of_loss(K::name)); });
  all.emplace_back("network", hosts_of_strategies());
  return all;
}

}  // namespace backprove
