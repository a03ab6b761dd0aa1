#include "core/record/this_build.hpp"

#include <fstream>
#include <iterator>

#include "core/record/hash.hpp"

namespace backprove {

const std::string& this_build() {
  static const std::string hash = [] {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    return hash_text(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return hash;
}

}  // namespace backprove
