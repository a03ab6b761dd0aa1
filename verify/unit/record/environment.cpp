#include "core/record/environment.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "verify/unit/catch.hpp"

namespace backprove::test {

TEST_CASE("environment: the facts are there, or null", "[record][environment]") {
  ::setenv("OMP_PROC_BIND", "close", 1);
  ::unsetenv("OPENBLAS_CORETYPE");
  const nlohmann::json facts = describe_environment();
  for (const char* path : {"/processor/model",
                           "/processor/cores",
                           "/processor/usable_cores",
                           "/processor/caches",
                           "/processor/governor",
                           "/memory/total_bytes",
                           "/memory/limit_bytes",
                           "/system/name",
                           "/system/kernel",
                           "/compiler/name",
                           "/compiler/version",
                           "/compiler/flags",
                           "/compiler/build_type",
                           "/libraries/eigen",
                           "/libraries/boost",
                           "/libraries/mpfr",
                           "/libraries/mpfi",
                           "/libraries/fmt",
                           "/libraries/nlohmann_json",
                           "/libraries/openmp",
                           "/thread_settings/OMP_NUM_THREADS",
                           "/thread_settings/OMP_PLACES",
                           "/commit",
                           "/date"}) {
    CAPTURE(path);
    CHECK(facts.contains(nlohmann::json::json_pointer(path)));
  }
  CHECK(facts["processor"]["cores"].get<int>() >= 1);
  CHECK(facts["libraries"]["eigen"].get<std::string>().starts_with("3."));
  CHECK(facts["thread_settings"]["OMP_PROC_BIND"] == "close");
  CHECK(facts["thread_settings"]["OPENBLAS_CORETYPE"].is_null());
  const std::string date = facts["date"];
  CHECK(date.size() == 20);
  CHECK(date.back() == 'Z');
  ::unsetenv("OMP_PROC_BIND");
}

TEST_CASE("environment: no names of machines, no paths", "[record][environment]") {
  const std::string text = describe_environment().dump();
  for (const char* path : {"\"/", " /", "=/"}) CHECK(text.find(path) == std::string::npos);
  std::array<char, 256> host{};
  REQUIRE(::gethostname(host.data(), host.size() - 1) == 0);
  const std::string name = host.data();
  // Short host names are words that may occur anywhere.
  if (name.size() > 5) CHECK(text.find(name) == std::string::npos);
}

}  // namespace backprove::test
