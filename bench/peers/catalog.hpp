#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace backprove {

/// A peer, as its file declares it in the line
///   Peer of STRATEGY: SYSTEM, needs PACKAGES
/// which may end with ", on one thread". A file without that line is no peer.
struct PeerInfo {
  std::string name;         ///< the file's
  std::string counterpart;  ///< our strategy that its times are compared with
  std::string system;
  std::string needs;        ///< a Python module, or Debian's packages
  bool one_thread = false;  ///< it has no threads of its own
  bool native = false;      ///< in C++, built where its library is
};

/// Where peers are looked for.
struct PeerPlaces {
  std::filesystem::path python;    ///< runs those in Python; empty: there is none
  std::filesystem::path programs;  ///< *.py, and native/*.cpp
  std::filesystem::path native;    ///< the built ones
};
/// This build's: .peers, bench/peers, and peers beside the program.
PeerPlaces peer_places();

/// In alphabetical order.
std::vector<PeerInfo> known_peers(const PeerPlaces& places);
/// Those of these names, all if there are none. Throws std::invalid_argument with the known names.
std::vector<PeerInfo> peers_named(const std::vector<std::string>& names, const PeerPlaces& places);

/// Empty, or "not installed" and how to change that. A Python module is looked for in an environment (pyvenv.cfg) only.
std::string missing(const PeerInfo& peer, const PeerPlaces& places);
/// What starts it.
std::vector<std::string> command_of(const PeerInfo& peer, const PeerPlaces& places);

/// A table for people: a line for every peer.
std::string peers_table();

}  // namespace backprove
