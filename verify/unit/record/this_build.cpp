#include "core/record/this_build.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "core/record/hash.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"

namespace backprove::test {
namespace {

/// What readelf says of this program's notes.
std::string notes() {
  const std::string command = "readelf -n /proc/" + std::to_string(::getpid()) + "/exe";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  REQUIRE(pipe);
  std::string text;
  for (std::array<char, 256> line{}; std::fgets(line.data(), line.size(), pipe.get());) text += line.data();
  return text;
}

TEST_CASE("this build: its build id, or its file where it has none", "[record]") {
  const std::string text = notes(), label = "Build ID: ";
  INFO(text);
  const std::size_t at = text.find(label);
  if (at == std::string::npos) {
    CHECK(this_build() == hash_text(text_of("/proc/self/exe")));
  } else {
    const std::size_t begin = at + label.size();
    CHECK(this_build() == hash_text(text.substr(begin, text.find('\n', begin) - begin)));
  }
}

}  // namespace
}  // namespace backprove::test
