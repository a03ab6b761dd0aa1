#include "bench/peers/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "verify/rules/peers.hpp"

namespace backprove {

namespace {

namespace fs = std::filesystem;

void add_peers_of(const fs::path& folder, std::string_view ending, std::vector<PeerInfo>& peers) {
  static const std::regex declaration(R"(^(?:#|//) Peer of (\w+): ([^,]+), needs ([^,]+)(, on one thread)?$)");
  if (!fs::is_directory(folder)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ending) continue;
    std::ifstream file(entry.path());
    std::smatch found;
    for (std::string line; std::getline(file, line);)
      if (std::regex_match(line, found, declaration)) {
        peers.push_back({entry.path().stem(), found[1], found[2], found[3], found[4].matched, ending == ".cpp"});
        break;
      }
  }
}

bool has_module(const fs::path& environment, const std::string& module) {
  for (const fs::directory_entry& version : fs::directory_iterator(environment / "lib"))
    if (fs::exists(version.path() / "site-packages" / module)) return true;
  return false;
}

}  // namespace

PeerPlaces peer_places() { return {peers_python(), BACKPROVE_BENCH_PEERS_DIR, BACKPROVE_NATIVE_PEERS_DIR}; }

std::vector<PeerInfo> known_peers(const PeerPlaces& places) {
  std::vector<PeerInfo> peers;
  add_peers_of(places.programs, ".py", peers);
  add_peers_of(places.programs / "native", ".cpp", peers);
  std::ranges::sort(peers, {}, &PeerInfo::name);
  return peers;
}

std::vector<PeerInfo> peers_named(const std::vector<std::string>& names, const PeerPlaces& places) {
  const std::vector<PeerInfo> known = known_peers(places);
  if (names.empty()) return known;
  std::vector<PeerInfo> chosen;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(known, name, &PeerInfo::name);
    if (found == known.end()) {
      std::string list;
      for (const PeerInfo& peer : known) list += " " + peer.name;
      throw std::invalid_argument(fmt::format("unknown peer '{}'; known are:{}", name, list));
    }
    if (std::ranges::find(chosen, name, &PeerInfo::name) == chosen.end()) chosen.push_back(*found);
  }
  return chosen;
}

std::string missing(const PeerInfo& peer, const PeerPlaces& places) {
  if (peer.native) {
    const bool built = fs::exists(places.native / peer.name);
    return built ? "" : fmt::format("not installed: {} (scripts/setup --peers, then build)", peer.needs);
  }
  const fs::path environment = places.python.parent_path().parent_path();
  const bool there =
      !places.python.empty() && (!fs::exists(environment / "pyvenv.cfg") || has_module(environment, peer.needs));
  return there ? "" : fmt::format("not installed: {} (scripts/setup --peers)", peer.needs);
}

std::vector<std::string> command_of(const PeerInfo& peer, const PeerPlaces& places) {
  if (peer.native) return {(places.native / peer.name).string()};
  return {places.python.string(), "-B", (places.programs / (peer.name + ".py")).string()};
}

std::string peers_table() {
  const PeerPlaces places = peer_places();
  std::string text = "peers of bench --peers, and the strategies that their times are compared with:\n";
  for (const PeerInfo& peer : known_peers(places)) {
    const std::string reason = missing(peer, places);
    text += fmt::format("  {:<16} {:<10} {:<20} {}{}\n", peer.name, peer.system, peer.counterpart,
                        peer.one_thread ? "one thread; " : "", reason.empty() ? "installed" : reason);
  }
  return text;
}

}  // namespace backprove
