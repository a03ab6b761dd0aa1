#include "bench/copies.hpp"

#include <unistd.h>

#include <algorithm>

namespace backprove {

namespace {

constexpr double copies_of_small = 16, most_bytes_of_copies = 512 << 20;

/// The copies of everything that is sampled together are to leave most of the machine's memory free.
double room_for_copies(double most) { return std::min({most_bytes_of_copies, installed_memory() / 32, most}); }

}  // namespace

double installed_memory() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Index copies_of(double bytes_each, double most) {
  return static_cast<Index>(std::clamp(room_for_copies(most) / bytes_each, 1.0, copies_of_small));
}

}  // namespace backprove
